import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CONNECTIONS_PER_USER_MAX } from './live'
import { call, type Owner, push, signUp, startTestServer, type TestServer } from './testing/server'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
})
afterAll(() => server.stop())

const UNREADABLE = 'The request could not be read: it is not a call in the form that this server expects.'

interface Opened {
  socket: WebSocket
  messages: Record<string, unknown>[]
}

async function open(headers: Record<string, string>, path = '/trpc-ws'): Promise<Opened> {
  const socket = new WebSocket(`${server.base.replace('http', 'ws')}${path}`, { headers })
  const messages: Record<string, unknown>[] = []
  socket.on('message', (data) => {
    const text = String(data)
    if (text.startsWith('{')) messages.push(JSON.parse(text) as Record<string, unknown>)
  })
  await once(socket, 'open')
  return { socket, messages }
}

/** The status of a refused handshake. */
async function refusal(headers: Record<string, string>, path?: string): Promise<number> {
  const opened = await open(headers, path).catch((error: Error) => error)
  if (!(opened instanceof Error)) throw new Error('The handshake was expected to be refused.')
  return Number(/Unexpected server response: (\d+)/.exec(opened.message)?.[1])
}

const login = async () => {
  const answer = await call(server, 'auth.login', { email: 'owner@example.org', password: 'violet otter harbour' })
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

const subscribe = ({ socket }: Opened, id: number, path: string, input: unknown) =>
  socket.send(JSON.stringify({ id, method: 'subscription', params: { path, input: { json: input } } }))

describe('WH-08: who may open a socket is decided at the handshake', () => {
  test('a page of ours with a session may', async () => {
    const { socket } = await open({ cookie: owner.cookie, origin: server.base })
    expect(socket.readyState).toBe(WebSocket.OPEN)
    expect(socket.extensions).toBe('') // no compression, which costs memory for each socket
    socket.terminate()
  })
  test.each([
    ['a foreign origin', 403, { origin: 'https://evil.example' }],
    ['an origin that begins like ours', 403, { origin: 'http://127.0.0.1.evil.example' }],
    ['a sandboxed frame', 403, { origin: 'null' }],
  ])('%s: %i, session or not', async (_name, status, headers) => {
    expect(await refusal({ cookie: owner.cookie, ...headers })).toBe(status)
  })
  test('no session: 401', async () => {
    expect(await refusal({ origin: server.base })).toBe(401)
    expect(await refusal({ origin: server.base, cookie: 'trackable_session=invented' })).toBe(401)
  })
  test('another address: 404', async () => {
    expect(await refusal({ cookie: owner.cookie, origin: server.base }, '/other')).toBe(404)
  })
  test('an event stream without a session or from another site is refused before it opens', async () => {
    const url = `${server.base}/trpc/ingest.onAttempt?input=${encodeURIComponent(JSON.stringify({ json: { productId: owner.productId } }))}`
    const accept = 'text/event-stream'
    expect((await fetch(url, { headers: { accept } })).status).toBe(401)
    const foreign = { accept, cookie: owner.cookie, 'sec-fetch-site': 'cross-site' }
    expect((await fetch(url, { headers: foreign })).status).toBe(403)
  })
})

describe('what a socket carries', () => {
  test('a stored point reaches whoever watches', async () => {
    const opened = await open({ cookie: owner.cookie, origin: server.base })
    subscribe(opened, 1, 'ingest.onAttempt', { productId: owner.productId })
    await expect.poll(() => JSON.stringify(opened.messages)).toContain('started')
    expect((await push(server, owner.keyText, { metric: 'watched', value: 1 })).status).toBe(200)
    await expect.poll(() => JSON.stringify(opened.messages), { timeout: 3000 }).toContain('"accepted":1')
    opened.socket.terminate()
  })

  test('the same over an event stream, through the same procedures', async () => {
    const url = `${server.base}/trpc/ingest.onAttempt?input=${encodeURIComponent(JSON.stringify({ json: { productId: owner.productId } }))}`
    const response = await fetch(url, { headers: { accept: 'text/event-stream', cookie: owner.cookie } })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const pump = (async () => {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value
    })()
    await expect.poll(() => text).toContain('connected')
    await push(server, owner.keyText, { metric: 'watched', value: 1 })
    await expect.poll(() => text, { timeout: 3000 }).toContain('"accepted":1')
    await reader?.cancel()
    await pump
  })

  test('OV-11: a message of more than 64 KiB closes the socket with 1009', async () => {
    const { socket } = await open({ cookie: owner.cookie, origin: server.base })
    socket.send('x'.repeat(65 * 1024))
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(1009)
    // What a peer does wrong is no failure of ours, and nobody is to be woken by it.
    const logged = server.logs.map((line) => JSON.parse(line) as { level: number; msg: string })
    expect(logged.filter(({ level }) => level >= 50)).toEqual([])
    expect(logged.filter(({ msg }) => msg === 'a socket was closed for what it sent')).toHaveLength(1)
  })

  test.each([
    ['no JSON', '{'],
    ['a number', '7'],
    ['no method', '{"id":1}'],
    ['no path', '{"id":1,"method":"query","params":{}}'],
    ['an input that is null', '{"id":1,"method":"query","params":{"path":"auth.state","input":null}}'],
    [
      'an input of an unknown kind',
      '{"id":1,"method":"query","params":{"path":"product.get","input":{"json":{"productId":1},"meta":{"values":{"productId":["custom","x"]}}}}}',
    ],
  ])('a message that is malformed (%s) is answered with a plain sentence', async (_what, message) => {
    const { socket, messages } = await open({ cookie: owner.cookie, origin: server.base })
    socket.send(message)
    await expect.poll(() => messages.length).toBe(1)
    socket.terminate()
    expect(messages[0]).toMatchObject({ error: { json: { message: UNREADABLE, data: { error: 'invalid_request' } } } })
  })

  test.each(['{', 'null'])('the same body over HTTP (%s) is answered with the same sentence', async (body) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${server.base}/trpc/auth.login`, { method: 'POST', headers, body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { json: { message: UNREADABLE } } })
  })

  test('OV-11: a flood of messages closes the socket with 1008', async () => {
    const { socket } = await open({ cookie: owner.cookie, origin: server.base })
    const closed = once(socket, 'close') as Promise<[number]>
    for (let i = 0; i < 1000; i++) socket.send('{}')
    expect((await closed)[0]).toBe(1008)
  })

  test('OV-11: one person has a bounded number of sockets', async () => {
    const headers = { cookie: await login(), origin: server.base }
    const opened = await Promise.all(Array.from({ length: CONNECTIONS_PER_USER_MAX }, () => open(headers)))
    const { socket } = await open(headers)
    expect((await once(socket, 'close'))[0]).toBe(1008)
    for (const one of opened) one.socket.terminate()
    await expect
      .poll(async () => {
        const next = await open(headers)
        await sleep(20) // a refusal comes right after the handshake
        const isOpen = next.socket.readyState === WebSocket.OPEN
        next.socket.terminate()
        return isOpen
      })
      .toBe(true)
  })
})

describe('the end of a session', () => {
  test('logging out closes its sockets at once', async () => {
    const cookie = await login()
    const { socket } = await open({ cookie, origin: server.base })
    const other = await open({ cookie: owner.cookie, origin: server.base })
    const closed = once(socket, 'close') as Promise<[number]>
    await call(server, 'auth.logout', undefined, { cookie })
    expect((await closed)[0]).toBe(4401)
    expect(other.socket.readyState).toBe(WebSocket.OPEN)
    other.socket.terminate()
  })

  test('a session that ends without a word closes its sockets within five seconds', async () => {
    const cookie = await login()
    const { socket } = await open({ cookie, origin: server.base })
    const closed = once(socket, 'close') as Promise<[number]>
    const { meta } = server.database.database.pools
    await meta.query('DELETE FROM session WHERE created_at = (SELECT max(created_at) FROM session)')
    const startedAt = performance.now()
    expect((await closed)[0]).toBe(4401)
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEdge } from './edge'
import { Problem } from './http/problem'
import { createLogTo } from './log'
import { call, type Owner, push, raw, signUp, startTestServer, type TestServer } from './testing/server'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
})
afterAll(() => server.stop())

const SECURITY = {
  'content-security-policy':
    /default-src 'self'.*script-src 'self';.*object-src 'none'; base-uri 'none'.*frame-ancestors 'none'/,
  'x-content-type-options': /^nosniff$/,
  'referrer-policy': /^strict-origin/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'permissions-policy': /camera=\(\)/,
  'x-request-id': /^[\w-]{8,64}$/,
}

/** One request of every kind of answer: pages, API, errors of ours, of the router and of the framework. */
const ANSWERS: [name: string, path: string, init?: RequestInit][] = [
  ['a page', '/', { headers: { accept: 'text/html' } }],
  ['health', '/health'],
  ['readiness', '/ready'],
  ['a procedure', '/trpc/auth.state'],
  ['a procedure that does not exist', '/trpc/no.such'],
  ['a missing key', '/api/v1/ingest', { method: 'POST', body: '{}' }],
  ['a wrong method', '/api/v1/ingest', { method: 'DELETE' }],
  ['nothing there', '/api/nothing'],
  ['a bad encoding', '/%zz'],
  ['a traversal', '/..%2f..%2fetc/passwd'],
  ['the API document', '/api/openapi.json'],
  ['the API page', '/api/docs'],
  ['the errors page', '/docs/errors'],
  ['a cross-site post', '/trpc/auth.logout', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }],
]

describe('WH-03: every answer carries the security headers', () => {
  test.each(ANSWERS)('%s', async (_name, path, init) => {
    const { headers } = await fetch(server.base + path, init)
    for (const [name, value] of Object.entries(SECURITY)) expect(headers.get(name), name).toMatch(value)
  })

  test('bytes that are no request', async () => {
    const { text } = await raw(server.port, 'HELLO\r\n\r\n')
    for (const name of Object.keys(SECURITY)) expect(text.toLowerCase()).toContain(`\r\n${name}: `)
  })

  test('HSTS and the cookie prefix come with an https address', async () => {
    const secure = await startTestServer({ PUBLIC_URL: 'https://kpi.example.org' })
    try {
      const { headers } = await fetch(`${secure.base}/api/nothing`)
      expect(headers.get('strict-transport-security')).toMatch(/max-age=(6307|3153)\d+/)
      const setupToken = new URL(secure.setupUrl ?? '').searchParams.get('token')
      const account = { email: 'a@example.org', name: 'A', password: 'violet otter harbour', teamName: 'Quay' }
      const registered = await call(secure, 'auth.register', { ...account, setupToken })
      expect(registered.headers.getSetCookie()[0]).toMatch(
        /^__Host-trackable_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Expires=/,
      )
    } finally {
      await secure.stop()
    }
  })
})

describe('IN-22: errors are problem details', () => {
  const problems: [name: string, status: number, code: string, path: string, init?: RequestInit][] = [
    ['no such address', 404, 'not_found', '/api/nothing'],
    ['no such page asked for by a program', 404, 'not_found', '/nothing.js'],
    ['a wrong method', 405, 'method_not_allowed', '/api/v1/ingest', { method: 'PUT', body: '{}' }],
    ['a wrong method on a page', 405, 'method_not_allowed', '/login', { method: 'POST', body: 'a=b' }],
    ['a malformed address', 400, 'invalid_request', '/%zz'],
    ['a missing key', 401, 'invalid_api_key', '/api/v1/ingest', { method: 'POST', body: '{}' }],
    [
      'a cross-site post',
      403,
      'cross_site_request',
      '/trpc/auth.logout',
      { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } },
    ],
  ]
  test.each(problems)('%s: %i %s', async (_name, status, code, path, init) => {
    const response = await fetch(server.base + path, init)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = Problem.parse(await response.json())
    expect(problem).toMatchObject({ status, code, requestId: response.headers.get('x-request-id') })
    const page = await fetch(problem.type.replace(/^http:\/\/[^/]+/, server.base))
    expect(await page.text()).toContain(`id="${code}"`)
  })

  test('a failure of ours says nothing of itself', async () => {
    await server.database.database.pools.meta.query('ALTER TABLE app_user RENAME TO app_user_away')
    try {
      const { status, data } = await call(server, 'auth.login', { email: 'a@example.org', password: 'x' })
      expect(status).toBe(500)
      expect(JSON.stringify(data)).not.toMatch(/app_user|relation|SELECT|at \w+ \(|\.ts/)
    } finally {
      await server.database.database.pools.meta.query('ALTER TABLE app_user_away RENAME TO app_user')
    }
  })
})

describe('IN-16: what is not one clean request is refused and the connection closed', () => {
  const HEAD = 'POST /api/v1/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
  test.each([
    [
      'Content-Length and Transfer-Encoding',
      `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n`,
    ],
    ['two lengths', `${HEAD}Content-Length: 4\r\nContent-Length: 9\r\n\r\n{}`],
    ['a line feed inside a header', `${HEAD}X-A: b\nX-C: d\r\nContent-Length: 0\r\n\r\n`],
    ['a header name with a blank', `${HEAD}X A: b\r\nContent-Length: 0\r\n\r\n`],
    ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n`],
    ['an unknown transfer encoding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n`],
  ])('%s', async (_name, bytes) => {
    const { text, isClosed } = await raw(server.port, bytes)
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(text).toContain('application/problem+json')
    expect(isClosed).toBe(true)
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  const PUSH = () => `${HEAD}Authorization: Bearer ${owner.keyText}\r\n`
  const BROKEN_BODIES: [name: string, bytes: () => string][] = [
    ['a chunk without a length', () => `${PUSH()}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`],
    [
      'a chunk that is longer than it says, before anybody has signed in',
      () =>
        'POST /trpc/auth.login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}}}\r\n0\r\n\r\n',
    ],
  ]
  test.each(BROKEN_BODIES)(
    '%s: the request in work is answered, and its connection does not stay',
    async (_, bytes) => {
      const { text, isClosed } = await raw(server.port, bytes())
      expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      expect(isClosed).toBe(true)
      expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    },
  )

  test('OV-03: a body that trickles in is cut off with 408', async () => {
    const patient = createEdge({
      publicUrlOf: (port) => `http://localhost:${port}`,
      log: createLogTo('silent', { write: () => undefined }),
      fetch: async (request) => new Response(await request.text()),
      isQuiet: () => true,
      bodyBytesMax: 1000,
      requestTimeoutMs: 100,
      timeoutCheckMs: 50,
    })
    const port = await patient.listen(0, '127.0.0.1')
    const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{'
    const { text, isClosed } = await raw(port, head, { timeoutMs: 9000 })
    expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(isClosed).toBe(true)
    await patient.close(0)
  })

  test('20 kB of headers', async () => {
    const { text, isClosed } = await raw(server.port, `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 431 /)
    expect(isClosed).toBe(true)
  })

  test('a length shorter than the body: the rest is not taken for a request that counts', async () => {
    const bytes = `${HEAD}Authorization: Bearer ${owner.keyText}\r\nContent-Length: 2\r\n\r\n[]GARBAGE\r\n\r\n`
    const { text, isClosed } = await raw(server.port, bytes)
    expect(isClosed).toBe(true)
    expect(text).not.toMatch(/HTTP\/1\.1 5/)
  })

  test('no Host', async () => {
    const { text } = await raw(server.port, 'GET /health HTTP/1.1\r\n\r\n', { until: /\r\n\r\n\{/ })
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('an upgrade to something else than a socket', () => {
  test('is ignored, as RFC 9110 allows: clients that would rather speak HTTP/2 are served in HTTP/1.1', async () => {
    const body = '{"metric":"h2c","value":1}'
    const bytes = [
      'POST /api/v1/ingest HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      'Content-Type: application/json',
      `Authorization: Bearer ${owner.keyText}`,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
    const { text } = await raw(server.port, bytes, { until: /\r\n\r\n\{.*\}/ })
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text).toContain('"accepted":1')
  })
})

describe('batches', () => {
  test('one request asks for a hundred things at most: each may cost a query', async () => {
    const ask = (count: number) =>
      fetch(`${server.base}/trpc/${Array(count).fill('auth.state').join(',')}?batch=1&input=%7B%7D`)
    expect((await ask(100)).status).toBe(200)
    expect((await ask(101)).status).toBe(400)
  })
})

describe('WH-12: odd methods and paths', () => {
  test.each(['TRACE', 'CONNECT', 'PROPFIND', 'BREW'])('%s', async (method) => {
    const { text } = await raw(server.port, `${method} / HTTP/1.1\r\nHost: localhost\r\n\r\n`, { until: /\r\n\r\n/ })
    expect(text).toMatch(/^HTTP\/1\.1 (400|404|405) |^$/)
  })
  test.each([
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..\\..\\package.json',
    '/assets/%5c..%5cpackage.json',
    '/index.html%00.js',
    '/assets/../../package.json',
    '//etc/passwd',
    '/api/docs/..%2fpackage.json',
  ])('%s', async (path) => {
    const { text } = await raw(server.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, {
      until: /\r\n\r\n[{<]/,
    })
    expect(text).toMatch(/^HTTP\/1\.1 (400|404) /)
    expect(text).not.toMatch(/root:|"private"/)
  })
})

describe('WH-05: other sites cannot act for somebody who is signed in', () => {
  const attempt = (headers: Record<string, string>) =>
    fetch(`${server.base}/trpc/product.create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: owner.cookie, ...headers },
      body: JSON.stringify({ json: {} }),
    })
  test.each([
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['same-site', { 'sec-fetch-site': 'same-site' }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['an origin that ends like ours', { origin: 'http://evil127.0.0.1' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['no origin at all', {}],
    ['a form type', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ])('%s', async (_name, headers) => {
    const response = await attempt(headers)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'cross_site_request' })
  })
  test.each([
    ['our own page', { 'sec-fetch-site': 'same-origin' }],
    ['our own page in an old browser', () => ({ origin: server.base })],
  ])('%s may', async (_name, headers) => {
    const response = await attempt(typeof headers === 'function' ? headers() : headers)
    expect(response.status).toBe(400) // the input is empty; the request was let in
  })
})

describe('WH-07: no other origin may read answers', () => {
  test.each(['https://evil.example', 'null', 'https://localhost.evil.example'])('%s', async (origin) => {
    const { headers } = await fetch(`${server.base}/trpc/auth.state`, { headers: { origin } })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })
})

describe('sessions', () => {
  test('the cookie is out of reach of scripts and other sites', async () => {
    const login = { email: 'owner@example.org', password: 'violet otter harbour' }
    const { headers } = await call(server, 'auth.login', login)
    expect(headers.getSetCookie()[0]).toMatch(/^trackable_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Expires=/)
  })

  test('WH-04: answers to people are not stored, and logging out clears what the pages kept', async () => {
    const second = await call(server, 'auth.login', { email: 'owner@example.org', password: 'violet otter harbour' })
    const cookie = second.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const state = await call(server, 'auth.state', undefined, { cookie, isQuery: true })
    expect(state.headers.get('cache-control')).toBe('no-store')
    const out = await call(server, 'auth.logout', undefined, { cookie })
    expect(out.headers.get('clear-site-data')).toBe('"storage"')
    expect(out.headers.getSetCookie()[0]).toMatch(/^trackable_session=; Path=\/; .*Max-Age=0/)
    const after = await call<{ user: unknown }>(server, 'auth.state', undefined, { cookie, isQuery: true })
    expect(after.data.user).toBeNull()
  })

  test('a stranger has no use for a body of more than 16 kB, and cannot fill the memory with them', async () => {
    const send = (cookie?: string) =>
      fetch(`${server.base}/trpc/team.create`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: server.base, ...(cookie ? { cookie } : {}) },
        body: JSON.stringify({ json: { name: 'x'.repeat(17_000) } }),
      })
    expect((await send()).status).toBe(413)
    expect((await send('trackable_session=invented')).status).toBe(413)
    expect((await send(owner.cookie)).status).toBe(400)
  })

  test('a body that no procedure needs is refused', async () => {
    const response = await fetch(`${server.base}/trpc/auth.login`, {
      method: 'POST',
      body: 'x'.repeat(1024 * 1024 + 1),
    })
    expect(response.status).toBe(413)
  })
})

describe('request ids', () => {
  test('a sane one is kept, so that a chain of services can be followed', async () => {
    const { headers } = await fetch(`${server.base}/health`, { headers: { 'x-request-id': 'abc-123.def' } })
    expect(headers.get('x-request-id')).toBe('abc-123.def')
  })
  test.each(['short', 'a'.repeat(65), 'has blank inside', '<script>alert(1)</script>'])(
    '%s is replaced',
    async (id) => {
      const { headers } = await fetch(`${server.base}/health`, { headers: { 'x-request-id': id } })
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    },
  )
  test('the log line of a request has the id of its answer, and no secret (DL-07)', async () => {
    const response = await push(server, `${owner.keyText}x`, {})
    const id = response.headers.get('x-request-id') ?? ''
    await expect.poll(() => server.logs.find((line) => line.includes(id))).toMatch(/"status":401/)
    const secrets = [owner.keyText, owner.cookie.split('=')[1] ?? '', 'violet otter']
    for (const secret of secrets) expect(server.logs.join('')).not.toContain(secret)
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, type Owner, signUp, startTestServer, type TestServer } from '../testing/server'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await signUp(server)
})
afterAll(() => server.stop())

const FILE = 'time,visits\n2026-11-01T00:00:00Z,1\n2026-11-02T00:00:00Z,2\n'

async function createImport(fileHash: string): Promise<string> {
  const input = {
    productId: owner.productId,
    fileName: 'visits.csv',
    fileBytes: FILE.length,
    fileHash: fileHash.repeat(64),
    mapping: {
      encoding: 'utf-8',
      delimiter: ',',
      columnCount: 2,
      hasHeader: true,
      decimal: '.',
      timestamp: { column: 0, format: 'iso', zone: 'UTC' },
      values: [{ column: 1, metric: 'visits' }],
      metricColumn: null,
      tags: [],
      idColumn: null,
    },
  }
  return (await call<{ id: string }>(server, 'ingest.createImport', input, { cookie: owner.cookie })).data.id
}

const sendPart = (importId: string, query: string, headers: Record<string, string>, body = FILE) =>
  fetch(`${server.base}/api/imports/${importId}/parts${query}`, { method: 'POST', headers, body })

const signedIn = () => ({ cookie: owner.cookie, origin: server.base })

test('DL-10: parts of a file are stored, and the answer says where to go on', async () => {
  const id = await createImport('a')
  const first = await sendPart(id, '?offset=0', signedIn(), FILE.slice(0, 40))
  expect(first.status).toBe(200)
  expect(first.headers.get('cache-control')).toBe('no-store')
  const run = (await first.json()) as { bytesDone: number }
  expect(run).toMatchObject({ id, status: 'running', rows: 1, accepted: 1, bytesDone: 35 })
  const last = await sendPart(id, `?offset=${run.bytesDone}`, signedIn(), FILE.slice(run.bytesDone))
  expect(await last.json()).toMatchObject({ status: 'done', rows: 2, accepted: 2, rejected: 0 })
})

test('WH-05, AZ-01: only a page of ours with a session may send parts, and only to an import that is theirs', async () => {
  const id = await createImport('b')
  const statusOf = async (response: Promise<Response>) => (await response).status
  expect(await statusOf(sendPart(id, '?offset=0', { origin: server.base }))).toBe(401)
  expect(await statusOf(sendPart(id, '?offset=0', { cookie: owner.cookie, origin: 'https://evil.example' }))).toBe(403)
  expect(await statusOf(sendPart(id, '?offset=0', { cookie: owner.cookie }))).toBe(403)
  expect(await statusOf(sendPart(id, '?offset=0', { ...signedIn(), 'sec-fetch-site': 'cross-site' }))).toBe(403)
  expect(await statusOf(sendPart('imp_none', '?offset=0', signedIn()))).toBe(404)
  expect(await statusOf(sendPart(id, '', signedIn()))).toBe(400)
  expect(await statusOf(sendPart(id, '?offset=7', signedIn()))).toBe(409)
  expect(await statusOf(sendPart(id, '?offset=0', signedIn(), `${FILE}more`))).toBe(400)
  // Nothing of that has moved it.
  const run = await sendPart(id, '?offset=0', signedIn())
  expect(await run.json()).toMatchObject({ status: 'done', accepted: 2 })
})

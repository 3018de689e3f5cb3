import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, type Owner, push, signUp, startTestServer, type TestServer } from '../testing/server'

let server: TestServer
let owner: Owner
let reportId: string
beforeAll(async () => {
  server = await startTestServer({ REGISTRATION: 'open' })
  owner = await signUp(server)
  const { cookie, productId } = owner
  await push(server, owner.keyText, { metric: 'revenue', value: 12 })
  const board = await call<{ id: string }>(server, 'dashboard.propose', { productId }, { cookie })
  const report = await call<{ id: string }>(
    server,
    'report.create',
    {
      productId,
      dashboardId: board.data.id,
      name: 'Weekly <b>numbers</b>',
      schedule: { frequency: 'weekly', weekday: 1, hour: 8, zone: 'UTC' },
      recipients: ['a@example.org'],
    },
    { cookie },
  )
  reportId = report.data.id
})
afterAll(() => server.stop())

const preview = (id: string, cookie?: string) =>
  fetch(`${server.base}/preview/reports/${id}`, { headers: cookie ? { cookie } : {} })

test('the mail of a report is shown to its team, and may run and load nothing', async () => {
  const response = await preview(reportId, owner.cookie)
  expect(response.status).toBe(200)
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/^default-src 'none';.*frame-ancestors 'self';.*sandbox$/)
  expect(policy).not.toContain('script-src')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.text()).not.toContain('<b>numbers</b>')
})

test('without a session it is 401', async () => {
  expect((await preview(reportId)).status).toBe(401)
})

test('what is not there and what is somebody else’s is the same 404', async () => {
  const account = { email: 'b@example.org', name: 'B', password: 'violet otter lantern', teamName: 'Pier' }
  const other = await call(server, 'auth.register', account)
  const cookie = other.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const [foreign, missing] = await Promise.all([preview(reportId, cookie), preview('rpt_none', cookie)])
  expect([foreign.status, missing.status]).toEqual([404, 404])
  const detail = async (response: Response) => ((await response.json()) as { detail: string }).detail
  expect(await detail(foreign)).toBe(await detail(missing))
  const mail = await fetch(`${server.base}/preview/outbox/mail_none`, { headers: { cookie } })
  expect(mail.status).toBe(404)
})

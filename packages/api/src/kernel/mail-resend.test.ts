import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Mail, MailError } from './mail'
import { createResendMailer } from './mail-resend'

const MAIL: Mail = {
  to: 'ada@example.org',
  subject: 'Weekly\r\ngrowth',
  html: '<img src="cid:chart">',
  text: 'Hello',
  attachments: [{ cid: 'chart', filename: 'chart.png', contentType: 'image/png', content: new Uint8Array([1, 2, 3]) }],
  messageId: '<1@example.org>',
  teamId: 'team_1',
}

/** What the stand-in for api.resend.com answers next; null says nothing for ever. */
let answer: { status: number; body: unknown } | null = { status: 200, body: { id: 'r1' } }
const requests: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[] = []
let server: Server

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    requests.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) })
    if (answer)
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function send() {
  const { port } = server.address() as AddressInfo
  const mailer = createResendMailer({
    apiKey: 're_test',
    from: 'Trackable <reports@example.org>',
    baseUrl: `http://127.0.0.1:${port}`,
    timeoutMs: 300,
  })
  return mailer.send(MAIL)
}
const failure = () =>
  send().then(
    () => null,
    (error: unknown) => error as MailError,
  )

test('a mail goes out with its inline picture, its message id and an idempotency key', async () => {
  answer = { status: 200, body: { id: 'r1' } }
  expect((await send()).answer).toContain('r1')
  const request = requests.at(-1)
  expect(request?.headers['idempotency-key']).toBe('<1@example.org>')
  expect(request?.body).toMatchObject({
    to: 'ada@example.org',
    subject: 'Weekly growth',
    headers: { 'Message-ID': '<1@example.org>' },
    attachments: [
      { content_id: 'chart', content_type: 'image/png', content: Buffer.from([1, 2, 3]).toString('base64') },
    ],
  })
})

test('EM-07: a refused mail is permanent; a limit, a bad key and an outage are not', async () => {
  const refusal = (status: number, name: string) => {
    answer = { status, body: { statusCode: status, name, message: 'no' } }
    return failure()
  }
  expect(await refusal(422, 'validation_error')).toMatchObject({
    isPermanent: true,
    answer: '422 validation_error: no',
  })
  expect(await refusal(429, 'rate_limit_exceeded')).toMatchObject({ isPermanent: false })
  expect(await refusal(401, 'invalid_api_key')).toMatchObject({ isPermanent: false })
  expect(await refusal(500, 'internal_server_error')).toMatchObject({ isPermanent: false })
})

test('EM-07: silence ends with the timeout and is temporary', async () => {
  answer = null
  expect(await failure()).toMatchObject({ isPermanent: false })
})

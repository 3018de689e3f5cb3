import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Mail, MailError } from './mail'
import { headerText, parseMailbox, plainAddress } from './mail-address'
import { createSmtpMailer } from './mail-smtp'
import { startTestSmtpServer, type TestSmtpServer } from './testing/smtp'

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3])

function mail(overrides: Partial<Mail> = {}): Mail {
  return {
    to: 'ada@example.org',
    subject: 'Weekly growth',
    html: '<p>Hello <img src="cid:chart"></p>',
    text: 'Hello',
    attachments: [{ cid: 'chart', filename: 'chart.png', contentType: 'image/png', content: PNG }],
    messageId: '<1@example.org>',
    teamId: 'team_1',
    ...overrides,
  }
}

let server: TestSmtpServer
const send = (overrides?: Partial<Mail>, options: { from?: string; timeoutMs?: number } = {}) =>
  createSmtpMailer({
    url: server.url,
    from: options.from ?? 'Trackable <reports@example.org>',
    timeoutMs: options.timeoutMs,
  }).send(mail(overrides))
const failure = (sending: Promise<unknown>) =>
  sending.then(
    () => null,
    (error: unknown) => error as MailError,
  )

beforeAll(async () => {
  server = await startTestSmtpServer()
})
beforeEach(() => {
  server.mails.length = 0
  server.setMode(() => 'accept')
})
afterAll(() => server.close())

describe('a mail that is taken', () => {
  test('arrives with both parts, its inline picture, its message id and the answer of the server', async () => {
    const receipt = await send()
    expect(receipt.answer).toMatch(/^250 2\.0\.0 queued as 1/)
    const [received] = server.mails
    expect(received?.envelopeTo).toEqual(['ada@example.org'])
    expect(received?.parsed).toMatchObject({ subject: 'Weekly growth', messageId: '<1@example.org>' })
    expect(received?.parsed.text?.trim()).toBe('Hello')
    expect(received?.parsed.attachments[0]).toMatchObject({
      contentId: '<chart>',
      disposition: 'inline',
      mimeType: 'image/png',
    })
    expect(new Uint8Array(received?.parsed.attachments[0]?.content as ArrayBuffer)).toEqual(PNG)
  })
})

describe('EM-01: header injection', () => {
  test('line ends in a subject, a sender name and a header value never start another header', async () => {
    await send(
      {
        subject: 'Hi\r\nBcc: eve@evil.example\r\n\r\nBody',
        headers: { 'X-Report': 'one\r\nBcc: eve@evil.example' },
      },
      { from: 'Track\r\nBcc: eve@evil.example <reports@example.org>' },
    )
    const [received] = server.mails
    expect(received?.envelopeTo).toEqual(['ada@example.org'])
    expect(received?.parsed.headers.map((h) => h.key)).not.toContain('bcc')
    expect(received?.parsed.subject).toBe('Hi Bcc: eve@evil.example Body')
    expect(received?.parsed.to?.map((to) => to.address)).toEqual(['ada@example.org'])
  })

  test.each([
    'ada@example.org, eve@evil.example',
    'ada@example.org\r\nBcc: eve@evil.example',
    'Ada <ada@example.org>',
    'ada@example.org\n',
    '<ada@example.org>',
    '"a b"@example.org',
    'ada',
    '',
  ])('the recipient %j is refused for good and nothing is sent', async (to) => {
    const offers = server.offers()
    const error = await failure(send({ to }))
    expect(error).toBeInstanceOf(MailError)
    expect(error?.isPermanent).toBe(true)
    expect(server.offers()).toBe(offers)
  })

  test('a header name that is none is refused', async () => {
    expect((await failure(send({ headers: { 'X-A: b\r\nBcc': 'eve@evil.example' } })))?.isPermanent).toBe(true)
  })

  test('the helpers keep names and refuse lists', () => {
    expect(headerText(' a\u0000b\u2028c\td ')).toBe('a b c d')
    expect(parseMailbox('"Ops, Berlin" <ops@example.org>')).toEqual({ name: 'Ops, Berlin', address: 'ops@example.org' })
    expect(parseMailbox('ops@example.org')).toEqual({ name: '', address: 'ops@example.org' })
    expect(plainAddress('jörg@bücher.example')).toBe('jörg@bücher.example')
  })
})

describe('EM-07: a server that does not take the mail', () => {
  test('421 and 451 are temporary and keep the words of the server', async () => {
    for (const code of [421, 451]) {
      server.setMode(() => ({ code, message: 'busy, come back' }))
      const error = await failure(send())
      expect(error).toMatchObject({ isPermanent: false, answer: `${code} busy, come back` })
    }
  })

  test('550 is permanent', async () => {
    server.setMode(() => ({ code: 550, message: '5.1.1 no such mailbox' }))
    expect(await failure(send())).toMatchObject({ isPermanent: true, answer: '550 5.1.1 no such mailbox' })
  })

  test('silence after DATA ends with the timeout and is temporary', async () => {
    server.setMode(() => 'hang')
    const started = performance.now()
    expect(await failure(send({}, { timeoutMs: 200 }))).toMatchObject({ isPermanent: false })
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('a server that greets nobody, and a port where nobody listens, are temporary', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'a@example.org', timeoutMs: 200 })
    expect(await failure(mailer.send(mail()))).toMatchObject({ isPermanent: false })
    await new Promise((resolve) => silent.close(resolve))
    expect(await failure(mailer.send(mail()))).toMatchObject({ isPermanent: false })
  })

  test('a refused login is temporary although it is a 535: the mail is not to blame', async () => {
    const url = server.url.replace('smtp://', 'smtp://user:wrong@')
    const error = await failure(createSmtpMailer({ url, from: 'a@example.org', timeoutMs: 500 }).send(mail()))
    expect(error).toMatchObject({ isPermanent: false, answer: expect.stringContaining('535') })
  })
})

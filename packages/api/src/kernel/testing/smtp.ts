/** A mail server inside the test process. What it received is parsed again, so that tests see what a reader would. */
import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  envelopeFrom: string
  envelopeTo: string[]
  raw: string
  parsed: Email
}

/** What the server says to a recipient or after the data; `hang` says nothing for ever. */
export type SmtpMode = 'accept' | 'hang' | { code: number; message: string }

export interface TestSmtpServer {
  url: string
  mails: ReceivedMail[]
  /** How many mails it was offered, taken or not. */
  offers(): number
  /** Decides per recipient, at once or after a while; everything is accepted until it is set. */
  setMode(mode: (recipient: string) => SmtpMode | Promise<SmtpMode>): void
  close(): Promise<void>
}

export async function startTestSmtpServer(): Promise<TestSmtpServer> {
  const mails: ReceivedMail[] = []
  let offered = 0
  let modeOf: (recipient: string) => SmtpMode | Promise<SmtpMode> = () => 'accept'
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onAuth(_auth, _session, callback) {
      callback(Object.assign(new Error('5.7.8 authentication failed'), { responseCode: 535 }))
    },
    async onRcptTo(address, _session, callback) {
      offered += 1
      const mode = await modeOf(address.address)
      if (typeof mode === 'string') return callback()
      return callback(Object.assign(new Error(mode.message), { responseCode: mode.code }))
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const envelopeTo = session.envelope.rcptTo.map((r) => r.address)
        if ((await Promise.all(envelopeTo.map(modeOf))).includes('hang')) return
        const raw = Buffer.concat(chunks)
        const from = session.envelope.mailFrom
        mails.push({
          envelopeFrom: from ? from.address : '',
          envelopeTo,
          raw: raw.toString('utf8'),
          parsed: await PostalMime.parse(raw),
        })
        callback(null, `2.0.0 queued as ${mails.length}`)
      })
    },
  })
  server.on('error', () => {}) // clients that give up are part of the tests
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    offers: () => offered,
    setMode: (mode) => {
      modeOf = mode
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

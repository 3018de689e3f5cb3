import { Resend } from 'resend'
import { MailError, type Mailer } from './mail'
import { headerText, parseMailbox, plainAddress, plainHeaders } from './mail-address'

export interface ResendConfig {
  apiKey: string
  from: string
  /** Another address of the API: a proxy, or a stand-in for tests. */
  baseUrl?: string
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000

/** Answers that blame this mail (RFC 9110's 4xx without those that blame the key, the rate or a race). */
const PERMANENT = new Set([400, 404, 405, 413, 422])

/** Resend's HTTP API. It answers failures as `{ error }` and does not throw. */
export function createResendMailer(config: ResendConfig): Mailer {
  const from = parseMailbox(config.from)
  const resend = new Resend(config.apiKey, config.baseUrl ? { baseUrl: config.baseUrl } : {})
  return {
    provider: 'resend',
    from: config.from,
    send: async (mail) => {
      const response = await resend.emails
        .send(
          {
            from: from.name ? `${JSON.stringify(from.name)} <${from.address}>` : from.address,
            to: plainAddress(mail.to),
            subject: headerText(mail.subject),
            html: mail.html,
            text: mail.text,
            headers: plainHeaders({ ...mail.headers, 'Message-ID': mail.messageId }),
            attachments: mail.attachments.map((file) => ({
              filename: headerText(file.filename),
              contentType: file.contentType,
              content: Buffer.from(file.content),
              ...(file.cid ? { contentId: file.cid } : {}),
            })),
          },
          // Resend forgets a key after a day: a retry after a lost answer within it sends nothing twice.
          { idempotencyKey: mail.messageId, signal: AbortSignal.timeout(config.timeoutMs ?? TIMEOUT_MS) },
        )
        .catch((error: unknown) => {
          throw new MailError('Resend did not answer in time.', false, error)
        })
      if (response.error === null) return { answer: `Resend took it as ${response.data.id}` }
      const { message, name, statusCode } = response.error
      throw new MailError(headerText(`${statusCode ?? ''} ${name}: ${message}`), PERMANENT.has(statusCode ?? 0))
    },
    close: async () => {},
  }
}

import { createTransport } from 'nodemailer'
import { MailError, type Mailer, type MailReceipt } from './mail'
import { headerText, parseMailbox, plainAddress, plainHeaders } from './mail-address'

export interface SmtpConfig {
  /** `smtp://user:password@host:587` or `smtps://…:465`. Options of nodemailer may follow as a query. */
  url: string
  from: string
  /** Longest silence of the server, in every phase. Default: 30 s. */
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000
/** A server that drips a byte now and then is never silent; it gets this many times the timeout for one mail. */
const DEADLINE_FACTOR = 4

/**
 * SMTP through nodemailer, one connection per mail: a pool puts a mail back into its queue when a connection dies after
 * DATA, and sends it twice without anybody knowing. What is sent again is decided by the report run alone.
 */
export function createSmtpMailer(config: SmtpConfig): Mailer {
  const from = parseMailbox(config.from)
  const timeoutMs = config.timeoutMs ?? TIMEOUT_MS
  const transport = createTransport({
    ...readUrl(config.url),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // Content comes from us alone; a path or an address in a mail must never be read from this machine.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    provider: 'smtp',
    from: config.from,
    send: async (mail) => {
      const to = plainAddress(mail.to)
      const sending = transport.sendMail({
        envelope: { from: from.address, to: [to] },
        from,
        to: { name: '', address: to },
        subject: headerText(mail.subject),
        html: mail.html,
        text: mail.text,
        messageId: mail.messageId,
        headers: plainHeaders(mail.headers),
        attachments: mail.attachments.map((file) => ({
          filename: headerText(file.filename),
          contentType: file.contentType,
          content: Buffer.from(file.content),
          ...(file.cid ? { cid: file.cid, contentDisposition: 'inline' as const } : {}),
        })),
      })
      return withDeadline(sending, timeoutMs * DEADLINE_FACTOR)
    },
    close: async () => transport.close(),
  }
}

/** nodemailer understands the address itself, but a URL beside other options is ignored by it. */
function readUrl(text: string) {
  const url = new URL(text)
  const isSecure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (isSecure ? 465 : 587)),
    secure: isSecure,
    requireTLS: url.searchParams.get('requireTLS') === 'true',
    ...(url.searchParams.get('ignoreTLS') === 'true' ? { ignoreTLS: true } : {}),
    ...(user ? { auth: { user, pass: decodeURIComponent(url.password) } } : {}),
  }
}

async function withDeadline(sending: Promise<{ response: string }>, deadlineMs: number): Promise<MailReceipt> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MailError('The mail server was too slow.', false)), deadlineMs)
  })
  try {
    const info = await Promise.race([sending, deadline])
    return { answer: headerText(info.response) }
  } catch (error) {
    throw toMailError(error)
  } finally {
    clearTimeout(timer)
    sending.catch(() => {}) // the deadline has already spoken; a late failure has no listener left
  }
}

/** Codes of nodemailer that blame this mail. All others blame the connection, the login or the server. */
const MAIL_FAULTS = new Set(['EENVELOPE', 'EMESSAGE'])

function toMailError(error: unknown): MailError {
  if (error instanceof MailError) return error
  const { code, responseCode, response, message } = error as {
    code?: string
    responseCode?: number
    response?: string
    message?: string
  }
  const answer = headerText(response ?? message ?? 'The mail server could not be reached.')
  // A refused login is a 5xx too, but of the configuration: the mail goes out once somebody has corrected it.
  const isPermanent = MAIL_FAULTS.has(code ?? '') && (responseCode === undefined || responseCode >= 500)
  return new MailError(answer, isPermanent, error)
}

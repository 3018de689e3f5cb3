/** The port that mails leave by. Adapters (SMTP, Resend, outbox) are in the mail-* files beside it. */
export interface MailAttachment {
  /** Content id of an inline picture, referred to as `cid:…` in the HTML. */
  cid?: string
  filename: string
  contentType: string
  content: Uint8Array<ArrayBuffer>
}

export interface Mail {
  /** One address per mail: each recipient gets a message of their own and a log line of their own. */
  to: string
  subject: string
  html: string
  text: string
  attachments: readonly MailAttachment[]
  /** Deterministic per (run, recipient), so that a retry after a lost answer is recognised by the receiving side. */
  messageId: string
  headers?: Readonly<Record<string, string>>
  /** The team whose outbox page shows the mail when no provider is configured. */
  teamId: string
}

export interface MailReceipt {
  /** The provider's own words: "250 2.0.0 queued as …". */
  answer: string
}

/** A failed send. A permanent one (550, an invalid address) is not tried again. */
export class MailError extends Error {
  readonly isPermanent: boolean
  readonly answer: string
  constructor(answer: string, isPermanent: boolean, cause?: unknown) {
    super(answer, { cause })
    this.name = 'MailError'
    this.answer = answer
    this.isPermanent = isPermanent
  }
}

export interface Mailer {
  readonly provider: 'smtp' | 'resend' | 'outbox'
  readonly from: string
  send(mail: Mail): Promise<MailReceipt>
  close(): Promise<void>
}

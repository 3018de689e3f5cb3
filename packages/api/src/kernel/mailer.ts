import type { Database } from '@trackable/db'
import type { Mailer } from './mail'
import { createOutboxMailer } from './mail-outbox'
import { createResendMailer } from './mail-resend'
import { createSmtpMailer } from './mail-smtp'

export interface MailConfig {
  /** `Trackable <reports@example.org>` */
  from: string
  smtpUrl?: string | null
  resendApiKey?: string | null
  resendBaseUrl?: string | null
  timeoutMs?: number
}

/** SMTP when it is configured, else Resend, else the outbox. */
export function createMailer(config: MailConfig, db: Database): Mailer {
  const timeoutMs = config.timeoutMs
  if (config.smtpUrl) return createSmtpMailer({ url: config.smtpUrl, from: config.from, timeoutMs })
  if (config.resendApiKey) {
    const baseUrl = config.resendBaseUrl ?? undefined
    return createResendMailer({ apiKey: config.resendApiKey, from: config.from, baseUrl, timeoutMs })
  }
  return createOutboxMailer(db, config.from)
}

import { createHash } from 'node:crypto'
import type { Database } from '@trackable/db'
import { ID_PREFIX } from './ids'
import type { Mail, Mailer } from './mail'
import { headerText, plainAddress } from './mail-address'

/**
 * Where mails go when no provider is configured: into tables that the product shows, so that a report can be read and
 * judged before anybody sets up a mail server. The id follows from the message id: a mail sent again is the same row.
 */
export function createOutboxMailer(db: Database, from: string): Mailer {
  return {
    provider: 'outbox',
    from,
    send: async (mail) => {
      const id = mailIdOf(mail)
      await db.prisma.outboxMail.upsert({
        where: { id },
        update: {},
        create: {
          id,
          teamId: mail.teamId,
          toAddress: plainAddress(mail.to),
          fromAddress: from,
          subject: headerText(mail.subject),
          html: mail.html,
          text: mail.text,
          files: {
            create: mail.attachments.map((file, index) => ({
              id: `${id}_${index}`,
              cid: file.cid ?? null,
              filename: file.filename,
              contentType: file.contentType,
              content: file.content,
            })),
          },
        },
      })
      return { answer: 'Kept in the outbox: no mail server is configured.' }
    },
    close: async () => {},
  }
}

function mailIdOf(mail: Mail): string {
  return `${ID_PREFIX.mail}_${createHash('sha256').update(mail.messageId).digest('hex').slice(0, 20)}`
}

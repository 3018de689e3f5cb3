/** From a drawn record to a message for one recipient, and to a page that shows the same. */
import { createHash } from 'node:crypto'
import type { Context } from '../kernel/context'
import type { Mail, MailAttachment } from '../kernel/mail'
import type { DrawOutcome } from '../kernel/picture'
import { renderReportHtml } from './email'
import { renderReportText } from './email-text'
import { buildReportView, type ReportView } from './mail-view'
import type { ReportRecord } from './record'

export interface ComposeRequest {
  record: ReportRecord
  outcomes: readonly DrawOutcome[]
  recipient: string
  addedBy: string | null
  isTest: boolean
}

export async function composeMail(
  ctx: Context,
  request: ComposeRequest,
  envelope: { messageId: string; teamId: string; runId: string },
): Promise<Mail> {
  const view = viewOf(ctx, request)
  const pictures = picturesOf(request.outcomes)
  return {
    to: request.recipient,
    subject: view.subject,
    html: await renderReportHtml(view, (widgetId) => `cid:${pictures.get(widgetId)?.cid ?? ''}`),
    text: renderReportText(view),
    attachments: [...pictures.values()],
    messageId: envelope.messageId,
    teamId: envelope.teamId,
    // RFC 3834: answering machines leave it alone. The run's id finds the delivery log from a mail in hand.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Trackable-Run': envelope.runId },
  }
}

/** The mail as a page: pictures stand in it as `data:` addresses. */
export function composePage(ctx: Context, request: ComposeRequest): Promise<string> {
  const pictures = picturesOf(request.outcomes)
  return renderReportHtml(viewOf(ctx, request), (widgetId) => toDataUri(pictures.get(widgetId)))
}

/**
 * The same for the same run and recipient, whichever attempt, process or server sends it: a mail that was taken by the
 * server just before we died is recognised as the same by the reader's side (EM-10).
 */
export function messageIdOf(
  publicUrl: string,
  run: { id: string; dedupeKey: string | null },
  recipient: string,
): string {
  const digest = createHash('sha256')
    .update(`${run.dedupeKey ?? run.id}\n${recipient}`)
    .digest('hex')
  return `<${digest.slice(0, 40)}@${new URL(publicUrl).hostname}>`
}

/** Puts the pictures of a stored mail into its HTML. */
export function inlinePictures(
  html: string,
  files: readonly { cid: string | null; contentType: string; content: Uint8Array }[],
): string {
  return files.reduce((page, file) => (file.cid ? page.replaceAll(`cid:${file.cid}`, toDataUri(file)) : page), html)
}

function viewOf(ctx: Context, { record, outcomes, recipient, addedBy, isTest }: ComposeRequest): ReportView {
  const { frozen, hash } = record
  const path = `/p/${encodeURIComponent(frozen.productId)}/d/${encodeURIComponent(frozen.dashboardId)}`
  return buildReportView({
    frozen,
    hash,
    outcomes,
    recipient,
    addedBy,
    isTest,
    dashboardUrl: `${ctx.settings.publicUrl}${path}`,
  })
}

/** By widget. The content id is ours and not the widget's id, which a client chose. */
function picturesOf(outcomes: readonly DrawOutcome[]): Map<string, MailAttachment & { cid: string }> {
  const pictures = new Map<string, MailAttachment & { cid: string }>()
  for (const outcome of outcomes) {
    if (!outcome.isDrawn || !outcome.widget.picture) continue
    const name = `chart-${pictures.size + 1}`
    const content = outcome.widget.picture.png
    pictures.set(outcome.id, { cid: `${name}@trackable`, filename: `${name}.png`, contentType: 'image/png', content })
  }
  return pictures
}

function toDataUri(file: { contentType: string; content: Uint8Array } | undefined): string {
  return file ? `data:${file.contentType};base64,${Buffer.from(file.content).toString('base64')}` : ''
}

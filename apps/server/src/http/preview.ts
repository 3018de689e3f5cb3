/** Mails as they would look, for a frame of our own pages: the report as it would go out now, and a mail of the outbox. */
import {
  type Context,
  DomainError,
  renderOutboxMail,
  renderReportPreview,
  resolveOutboxMail,
  resolveReport,
  resolveSession,
  type UserScope,
} from '@trackable/api'
import { Hono } from 'hono'
import { PREVIEW_POLICY } from './security'
import { readSessionToken } from './session'
import type { AppContext, AppEnv } from './types'

export function createPreviewRoutes(ctx: Context) {
  return new Hono<AppEnv>()
    .get('/preview/reports/:reportId', async (c) => {
      const user = await signedIn(c, ctx)
      const { reportId } = c.req.param()
      const { product } = await resolveReport(ctx, user, reportId)
      return show(c, await renderReportPreview(ctx, product, user, reportId))
    })
    .get('/preview/outbox/:mailId', async (c) => {
      const { mailId } = c.req.param()
      const team = await resolveOutboxMail(ctx, await signedIn(c, ctx), mailId)
      return show(c, await renderOutboxMail(ctx, team, mailId))
    })
}

async function signedIn(c: AppContext, ctx: Context): Promise<UserScope> {
  const user = await resolveSession(ctx, readSessionToken(c.env.incoming, ctx.settings.publicUrl))
  if (!user) throw new DomainError('unauthenticated', 'Sign in to see this mail.')
  return user
}

/** A mail is a stranger's HTML as far as the page around it is concerned: no script, no network, no origin. */
const show = (c: AppContext, html: string) =>
  c.html(html, 200, { 'content-security-policy': PREVIEW_POLICY, 'cache-control': 'no-store' })

import type { Tx } from '@trackable/db'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { hashToken, newToken } from '../kernel/secrets'
import { hasUsers, lockFirstAccount, replaceSetupToken, useSetupToken } from './repository'

/**
 * A fresh server has no account and no default password: whoever can read its log can open the link that makes the
 * first owner. Each start prints a new link and thereby ends the one before. Returns null once there is an account.
 */
export async function ensureSetupToken(ctx: Context): Promise<string | null> {
  return ctx.db.prisma.$transaction(async (tx) => {
    await lockFirstAccount(tx)
    if (await hasUsers(tx)) return null
    const token = newToken()
    await replaceSetupToken(tx, hashToken(token), ctx.clock.now())
    return token
  })
}

/** Decides inside the registering transaction whether this person may have an account. */
export async function assertMayRegister(ctx: Context, tx: Tx, setupToken: string | null): Promise<void> {
  await lockFirstAccount(tx)
  if (await hasUsers(tx)) {
    if (ctx.settings.registration === 'open') return
    if (setupToken) throw new DomainError('setup_link_used', 'This set-up link was used already. Sign in instead.')
    throw new DomainError(
      'registration_closed',
      'Registration is closed on this server. Ask whoever runs it for an account.',
    )
  }
  if (!setupToken) {
    throw new DomainError(
      'setup_required',
      'Open the set-up link that the server printed when it started to create the first account.',
    )
  }
  if (!(await useSetupToken(tx, hashToken(setupToken), ctx.clock.now()))) {
    throw new DomainError(
      'setup_link_used',
      'This set-up link is no longer valid. Restart the server to get a new one.',
    )
  }
}

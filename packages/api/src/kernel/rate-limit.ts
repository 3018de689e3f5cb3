import { Prisma, type Tx } from '@trackable/db'
import { DomainError } from './errors'
import type { Clock } from './time'

/** At most `max` hits of a key within a window that starts with the first of them. */
export interface RateLimit {
  max: number
  windowMs: number
}

type Sql = Pick<Tx, '$queryRaw' | '$executeRaw'>

/**
 * Counts one hit in Postgres, so that all replicas count together, and throws `rate_limited` once the limit is reached.
 *
 * Taken before the work and not after it: a hundred requests at the same moment would otherwise all find the counter
 * low. What turns out not to count (a right password) is given back with `refundHit` or `forgetHits`. A key that is
 * blocked is not written to, so an attack costs reads and does not push the end of the window ahead of its victim.
 */
export async function takeHit(db: Sql, clock: Clock, key: string, limit: RateLimit, detail: string): Promise<void> {
  const now = clock.now()
  const windowEndsAt = new Date(now.getTime() + limit.windowMs)
  const taken = await db.$queryRaw<unknown[]>(Prisma.sql`
    INSERT INTO login_throttle AS t (key, failures, window_ends_at) VALUES (${key}, 1, ${windowEndsAt})
    ON CONFLICT (key) DO UPDATE SET
      failures = CASE WHEN t.window_ends_at <= ${now} THEN 1 ELSE t.failures + 1 END,
      window_ends_at = CASE WHEN t.window_ends_at <= ${now} THEN ${windowEndsAt} ELSE t.window_ends_at END
    WHERE t.window_ends_at <= ${now} OR t.failures < ${limit.max}
    RETURNING 1`)
  if (taken.length > 0) return
  const [blocked] = await db.$queryRaw<{ windowEndsAt: Date }[]>(Prisma.sql`
    SELECT window_ends_at AS "windowEndsAt" FROM login_throttle WHERE key = ${key}`)
  const leftMs = (blocked?.windowEndsAt ?? now).getTime() - now.getTime()
  throw new DomainError('rate_limited', detail, { retryAfterS: Math.max(1, Math.ceil(leftMs / 1000)) })
}

export async function refundHit(db: Sql, key: string): Promise<void> {
  await db.$executeRaw(Prisma.sql`UPDATE login_throttle SET failures = greatest(failures - 1, 0) WHERE key = ${key}`)
}

export async function forgetHits(db: Sql, key: string): Promise<void> {
  await db.$executeRaw(Prisma.sql`DELETE FROM login_throttle WHERE key = ${key}`)
}

export async function deleteEndedWindows(db: Sql, clock: Clock): Promise<number> {
  return db.$executeRaw(Prisma.sql`DELETE FROM login_throttle WHERE window_ends_at <= ${clock.now()}`)
}

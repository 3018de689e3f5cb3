import type { Database } from '@trackable/db'
import type { Logger } from 'pino'
import type { Bus } from './bus'
import type { Mailer } from './mail'
import type { WidgetPictures } from './picture'
import type { UserScope } from './scope'
import type { Clock } from './time'

/** Settings that contexts may read; the server's env.ts parses them from the environment. */
export interface Settings {
  /** Distinct combinations of metric and tags that a product may have; INGEST_LIMITS says what counts when absent. */
  seriesPerProductMax?: number
  /** Origin that links in mails and pages start with, without a trailing slash: `https://kpi.example.org`. */
  publicUrl: string
  /** `open`: anyone may register once the first owner exists; `closed`: nobody may. */
  registration: 'open' | 'closed'
  /** Days after which a day's points are packed; absent: as metric/storage.ts says. */
  sealAfterDays?: number
}

/** What the process has, built once by the composition root. */
export interface Context {
  settings: Settings
  db: Database
  bus: Bus
  mailer: Mailer
  pictures: WidgetPictures
  clock: Clock
  log: Logger
}

/** What one request or one socket has on top of it. */
export interface RequestContext extends Context {
  requestId: string
  /** The scope of the session cookie, already checked against the database; null for an anonymous caller. */
  user: UserScope | null
  ip: string
  userAgent: string
  /** Sets or clears the session cookie; does nothing on transports that cannot (sockets). */
  setSessionCookie(token: string | null, expiresAt: Date | null): void
}

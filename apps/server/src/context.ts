import { join } from 'node:path'
import { type Bus, type Context, createMailer, createMemoryBus, createPostgresBus, systemClock } from '@trackable/api'
import { assertDurable, type Database, migrate, openDatabase } from '@trackable/db'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@trackable/db/embedded'
import type { Logger } from 'pino'
import type { Env } from './env'
import { findBeside } from './http/files'
import { createWidgetPictures } from './render/widget-pictures'

/** Named after the major version: another one cannot read its files. */
const EMBEDDED_DIR = 'pg18'

export interface DatabaseAddress {
  url: string
  /** Null with DATABASE_URL. */
  embedded: EmbeddedPostgres | null
}

export async function findDatabase(env: Env, log: Logger): Promise<DatabaseAddress> {
  if (env.DATABASE_URL) return { url: env.DATABASE_URL, embedded: null }
  const dir = join(env.DATA_DIR, EMBEDDED_DIR)
  const embedded = await startEmbeddedPostgres(dir, { log: (message) => log.info(message) })
  return { url: embedded.url, embedded }
}

/** Opens the pools; connects to nothing yet. */
export function openPools(env: Env, url: string, log: Logger): Database {
  return openDatabase(url, {
    pools: { meta: env.META_POOL, writer: env.WRITER_POOL, query: env.QUERY_POOL },
    onIdleError: (error, pool) => log.warn({ err: error, pool }, 'a database connection was lost'),
  })
}

/** Checks the server and brings its schema up to date. Returns the names of the migrations that it applied. */
export async function prepareDatabase(db: Database, log: Logger): Promise<string[]> {
  await assertDurable(db, (message) => log.warn(message))
  return migrate(db.url, findBeside('migrations', 'packages/db/prisma/migrations'))
}

export interface OwnedContext {
  ctx: Context
  close(): Promise<void>
}

/** What every context is given. The database must be there: the bus connects. */
export async function createContext(
  env: Env,
  options: { db: Database; log: Logger; publicUrl: string },
): Promise<OwnedContext> {
  const { db, log, publicUrl } = options
  const bus: Bus = env.bus === 'postgres' ? await createPostgresBus({ url: db.url, log }) : createMemoryBus({ log })
  const mailer = createMailer(
    { from: env.mailFrom, smtpUrl: env.SMTP_URL, resendApiKey: env.RESEND_API_KEY, resendBaseUrl: env.RESEND_BASE_URL },
    db,
  )
  const pictures = createWidgetPictures()
  const ctx: Context = {
    settings: {
      publicUrl,
      registration: env.REGISTRATION,
      sealAfterDays: env.SEAL_AFTER_DAYS,
      seriesPerProductMax: env.SERIES_PER_PRODUCT_MAX,
    },
    db,
    bus,
    mailer,
    pictures,
    clock: systemClock,
    log,
  }
  return {
    ctx,
    close: async () => {
      await Promise.all([pictures.close(), mailer.close()])
      await bus.close()
    },
  }
}

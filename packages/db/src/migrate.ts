import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

/** The number Prisma's engine locks while it migrates (`schema-engine`, postgres connector): ours and theirs exclude each other. */
const PRISMA_ADVISORY_LOCK = 72707369

/** The migrations beside this source. A bundle passes its own directory. */
export const migrationsDir = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

export interface Migration {
  name: string
  sql: string
  /** SHA-256 over the bytes of the file, in hex, as Prisma computes it. */
  checksum: string
}

export type MigrationErrorCode = 'not_empty' | 'failed_earlier' | 'edited' | 'failed'

/** A migration that did not go through. The message names the migration, the cause and the way out. */
export class MigrationError extends Error {
  override name = 'MigrationError'
  constructor(
    readonly code: MigrationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** The migrations of a directory, in the order in which they apply. */
export async function readMigrations(dir = migrationsDir): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(dir, name, 'migration.sql'))
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    }),
  )
}

/**
 * Does what `prisma migrate deploy` does, without the Prisma CLI: same files, same bookkeeping table, same lock, so
 * that either may follow the other. Returns the names it applied. Several processes may call it at once: one migrates,
 * the others wait and find nothing to do.
 */
export async function migrate(url: string, dir = migrationsDir): Promise<string[]> {
  const migrations = await readMigrations(dir)
  const client = new pg.Client({
    connectionString: url,
    application_name: 'trackable-migrate',
    options: '-c TimeZone=UTC',
  })
  // A connection that dies also fails the query that is waiting; without a listener it would end the process as well.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_ADVISORY_LOCK])
    await ensureBookkeeping(client)
    const pending = await findPending(client, migrations)
    for (const migration of pending) await apply(client, migration)
    return pending.map((migration) => migration.name)
  } finally {
    await client.end() // The lock belongs to the session and goes with it.
  }
}

async function ensureBookkeeping(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()`,
  )
  if (rows.some((row) => row.name === '_prisma_migrations')) return
  if (rows.length > 0) {
    throw new MigrationError(
      'not_empty',
      `The database already holds tables (${rows[0]?.name}, …) that were not made by these migrations. Use an empty database.`,
    )
  }
  await client.query(`CREATE TABLE _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
  )`)
}

async function findPending(client: pg.Client, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ name: string; checksum: string; is_finished: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS is_finished
     FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  )
  const unfinished = rows.find((row) => !row.is_finished)
  if (unfinished) {
    throw new MigrationError(
      'failed_earlier',
      `Migration ${unfinished.name} failed or was interrupted earlier. Look at its "logs" in _prisma_migrations, then mark it with "prisma migrate resolve --rolled-back ${unfinished.name}" and start again.`,
    )
  }
  const applied = new Map(rows.map((row) => [row.name, row.checksum]))
  return migrations.filter((migration) => {
    const checksum = applied.get(migration.name)
    if (checksum !== undefined && checksum !== migration.checksum) {
      throw new MigrationError(
        'edited',
        `Migration ${migration.name} was edited after it had been applied. Restore the file.`,
      )
    }
    return checksum === undefined
  })
}

/**
 * The record and the migration commit together, so that a process killed in the middle leaves
 * nothing behind and the next start simply applies the file again (CR-08). A file therefore holds nothing that refuses to
 * run in a transaction, such as CREATE INDEX CONCURRENTLY.
 */
async function apply(client: pg.Client, migration: Migration): Promise<void> {
  const id = randomUUID()
  await client.query('BEGIN')
  try {
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, clock_timestamp())`,
      [id, migration.checksum, migration.name],
    )
    await client.query(migration.sql)
    await client.query(
      `UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1`,
      [id],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined) // The connection is gone, and the transaction with it.
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrationError('failed', `Migration ${migration.name} failed and was rolled back: ${reason}`, {
      cause: error,
    })
  }
}

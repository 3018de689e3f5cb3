import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/index'
import { migrate, readMigrations } from './migrate'
import { TEST_PREFIX, withDatabase } from './testing'

const TEMPLATE_PREFIX = 'trackable_template_'
/** Makes runs that start together build the template one after the other. */
const TEMPLATE_LOCK = 7_306_110_402

interface Server {
  adminUrl: string
  template: string
  embedded: EmbeddedPostgres | null
}

/** Each project loads this file for itself, in one process; only what hangs on globalThis is common to them. */
const shared = globalThis as { trackableTestServer?: { promise: Promise<Server>; users: number } }

/**
 * vitest's globalSetup: one migrated template for every project that asks. The server is the one of TEST_DATABASE_URL
 * (which must allow CREATE DATABASE), else an embedded one in the temporary directory that outlives the run by two
 * seconds and keeps its files, so that the next run starts in a tenth of a second.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = shared.trackableTestServer ?? { promise: start(), users: 0 }
  shared.trackableTestServer = server
  server.users += 1
  const { adminUrl, template, embedded } = await server.promise
  project.provide('databaseTemplate', { adminUrl, template })
  return async () => {
    server.users -= 1
    if (server.users === 0) await embedded?.stop()
  }
}

async function start(): Promise<Server> {
  const external = process.env.TEST_DATABASE_URL
  // Not in a directory of one run: several runs at once share the server, and a killed one leaves nothing to clear up.
  const dir = join(tmpdir(), `trackable-test-${process.getuid?.() ?? 'user'}`)
  const embedded = external ? null : await startEmbeddedPostgres(dir, { database: 'trackable' })
  const adminUrl = withDatabase(external ?? embedded?.url ?? '', 'postgres')
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    if (embedded) await dropLeftovers(client)
    return { adminUrl, template: await ensureTemplate(client, adminUrl), embedded }
  } finally {
    await client.end()
  }
}

/** Named after its migrations, so that a changed schema gets a template of its own. */
async function ensureTemplate(client: pg.Client, adminUrl: string): Promise<string> {
  const checksums = (await readMigrations()).map((migration) => migration.checksum).join()
  const template = `${TEMPLATE_PREFIX}${createHash('sha256').update(checksums).digest('hex').slice(0, 12)}`
  await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK])
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template])
  if (rowCount) return template
  const unfinished = `${template}_unfinished`
  await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`)
  await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`)
  await migrate(withDatabase(adminUrl, unfinished))
  // Renamed when complete: a run that was killed in the middle leaves nothing that looks like a template.
  await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`)
  return template
}

/** Databases whose process is gone. Templates stay: another checkout may use them. */
async function dropLeftovers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
    [TEST_PREFIX],
  )
  for (const { name } of rows) {
    const pid = Number.parseInt(name.slice(TEST_PREFIX.length), 10)
    if (!isAlive(pid)) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // ESRCH; a process of another user cannot have made databases on this server.
  }
}

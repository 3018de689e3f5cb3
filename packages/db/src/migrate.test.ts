import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { migrate, migrationsDir, readMigrations } from './migrate'
import { createEmptyDatabase, createTestDatabase } from './testing'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** The Prisma CLI as a developer runs it. */
function prisma(url: string, ...args: string[]): { output: string; status: number | null } {
  const env = { ...process.env, DATABASE_URL: url, NO_COLOR: '1' }
  const run = spawnSync(process.execPath, ['scripts/prisma.mjs', ...args], { cwd: PACKAGE, env, encoding: 'utf8' })
  return { output: run.stdout + run.stderr, status: run.status }
}

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await createEmptyDatabase()
  cleanups.push(drop)
  return url
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  cleanups.push(() => client.end())
  return client
}

/** The real migrations and one more. */
async function withMigration(sql: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'trackable-migrations-'))
  cleanups.push(() => rm(dir, { recursive: true }))
  await cp(migrationsDir, dir, { recursive: true })
  await mkdir(join(dir, '99990101000000_added'))
  await writeFile(join(dir, '99990101000000_added', 'migration.sql'), sql)
  return dir
}

test('the schema and the migrations describe the same database', async () => {
  const db = await createTestDatabase()
  onTestFinished(() => db.drop())
  const args = ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema', '--exit-code']
  const same = prisma(db.url, ...args)
  expect(same.output).toContain('No difference detected')
  expect(same.status).toBe(0)
  await db.database.pools.meta.query('ALTER TABLE team ADD COLUMN unexpected int')
  expect(prisma(db.url, ...args).status).toBe(2)
})

test('after our runner, "prisma migrate deploy" finds nothing to do', async () => {
  const url = await emptyDatabase()
  const names = (await readMigrations()).map((migration) => migration.name)
  expect(await migrate(url)).toEqual(names)
  expect(await migrate(url)).toEqual([])
  const deploy = prisma(url, 'migrate', 'deploy')
  expect(deploy.output).toContain('No pending migrations to apply')
  expect(prisma(url, 'migrate', 'status').output).toContain('Database schema is up to date')
})

test('after "prisma migrate deploy", our runner finds nothing to do', async () => {
  const url = await emptyDatabase()
  expect(prisma(url, 'migrate', 'deploy').output).toContain('All migrations have been successfully applied')
  expect(await migrate(url)).toEqual([])
})

test('CR-08: of three instances that start together one migrates, and all come up', async () => {
  const url = await emptyDatabase()
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url)])
  expect(applied.flat()).toEqual((await readMigrations()).map((migration) => migration.name))
})

test('CR-08: an instance killed during a migration leaves nothing behind, and the next one goes through', async () => {
  const url = await emptyDatabase()
  await migrate(url)
  const dir = await withMigration('CREATE TABLE half_done (); SELECT pg_advisory_xact_lock(4711);')
  const other = await connect(url)
  await other.query('SELECT pg_advisory_lock(4711)')
  const first = migrate(url, dir).catch((error: unknown) => error)
  const waiting = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  await expect.poll(async () => (await other.query(waiting)).rowCount).toBe(1)
  await other.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS migrating`)
  expect(await first).toMatchObject({ name: 'MigrationError', code: 'failed' })
  expect((await other.query(`SELECT to_regclass('half_done') AS found`)).rows).toEqual([{ found: null }])

  await other.query('SELECT pg_advisory_unlock(4711)')
  expect(await migrate(url, dir)).toEqual(['99990101000000_added'])
})

test('a migration that fails is rolled back and named with its reason; put right, it applies', async () => {
  const url = await emptyDatabase()
  const broken = await withMigration('CREATE TABLE good (); SELECT 1 / 0;')
  await expect(migrate(url, broken)).rejects.toThrow(
    'Migration 99990101000000_added failed and was rolled back: division by zero',
  )
  const client = await connect(url)
  expect((await client.query(`SELECT to_regclass('good') AS found`)).rows).toEqual([{ found: null }])
  expect(await migrate(url, await withMigration('CREATE TABLE good ();'))).toEqual(['99990101000000_added'])
})

test('a migration that the Prisma CLI left unfinished is reported with the way out', async () => {
  const url = await emptyDatabase()
  await migrate(url)
  const client = await connect(url)
  await client.query('UPDATE _prisma_migrations SET finished_at = NULL')
  await expect(migrate(url)).rejects.toThrow(/failed or was interrupted earlier.*prisma migrate resolve/)
})

test('a migration edited after it was applied is refused', async () => {
  const url = await emptyDatabase()
  await migrate(url, await withMigration('SELECT 1;'))
  await expect(migrate(url, await withMigration('SELECT 2;'))).rejects.toMatchObject({ code: 'edited' })
})

test("somebody else's database is left alone", async () => {
  const url = await emptyDatabase()
  const client = await connect(url)
  await client.query('CREATE TABLE theirs ()')
  await expect(migrate(url)).rejects.toThrow('theirs')
  expect((await client.query(`SELECT to_regclass('team') AS found`)).rows).toEqual([{ found: null }])
})

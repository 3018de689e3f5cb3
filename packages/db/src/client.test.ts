import { afterAll, beforeAll, expect, test } from 'vitest'
import { isDatabaseAway } from './away'
import { openDatabase } from './client'
import { assertDurable } from './durability'
import { administer, createTestDatabase, type TestDatabase } from './testing'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

test('every pool works in UTC under its own name, whatever the server prefers', async () => {
  await administer(db.url, `ALTER DATABASE ${new URL(db.url).pathname.slice(1)} SET TimeZone = 'Asia/Kathmandu'`)
  const fresh = openDatabase(db.url)
  for (const [name, pool] of Object.entries(fresh.pools)) {
    const { rows } = await pool.query(
      `SELECT current_setting('TimeZone') AS zone, current_setting('application_name') AS name`,
    )
    expect(rows).toEqual([{ zone: 'UTC', name: `trackable-${name}` }])
  }
  const at = new Date('2026-10-25T00:30:00.123Z')
  await fresh.prisma.team.create({ data: { id: 'team_zone', name: 'Zone', createdAt: at } })
  const { rows } = await fresh.pools.query.query(`SELECT extract(epoch FROM created_at)::float8 AS at FROM team`)
  expect(rows).toEqual([{ at: at.getTime() / 1000 }])
  expect(await fresh.prisma.team.findFirst()).toMatchObject({ createdAt: at })
  await fresh.close()
})

test('OV-06: a statement of the query pool ends at its time limit, and only there', async () => {
  const limited = openDatabase(db.url, { queryTimeoutMs: 50 })
  await expect(limited.pools.query.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' })
  await limited.pools.writer.query('SELECT pg_sleep(0.1)')
  await limited.close()
})

test('OV-13: with every query connection taken, the writer and the health probe are served', async () => {
  const small = openDatabase(db.url, { pools: { query: 2, writer: 1, meta: 1 } })
  const held = await Promise.all([small.pools.query.connect(), small.pools.query.connect()])
  await small.pools.writer.query('SELECT 1')
  await small.pools.health.query('SELECT 1')
  for (const client of held) client.release()
  await small.close()
})

test('a connection that the server cuts is reported and replaced', async () => {
  const cut: string[] = []
  const own = openDatabase(db.url, { onIdleError: (_, pool) => cut.push(pool) })
  const { rows } = await own.pools.writer.query('SELECT pg_backend_pid() AS pid')
  await own.pools.health.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
  await expect.poll(() => cut).toEqual(['writer'])
  expect((await own.pools.writer.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await own.close()
})

test('CR-02: a connection that dies while somebody holds it fails their next statement, and not the process', async () => {
  const own = openDatabase(db.url)
  const uncaught: Error[] = []
  for (const pool of [own.pools.writer, own.pools.meta, own.pools.query]) {
    const client = await pool.connect()
    await client.query('BEGIN')
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    let note = (_: Error) => undefined
    const over = new Promise<void>((resolve) => {
      // Not by once(client, …), which would listen for errors as well.
      client.once('end', resolve)
      note = (error) => {
        uncaught.push(error)
        resolve()
      }
    })
    process.once('uncaughtException', note)
    await own.pools.health.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
    await over
    process.off('uncaughtException', note)
    expect(uncaught).toEqual([])
    const error = await client.query('SELECT 1').then(
      () => null,
      (cause: unknown) => cause,
    )
    expect(isDatabaseAway(error)).toBe(true)
    client.release()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  }
  await own.close()
})

test('CR-02: what Prisma says of a lost connection is told from a mistake of ours', async () => {
  const own = openDatabase(db.url)
  const failures: unknown[] = []
  const busy = own.prisma.$queryRaw`SELECT pg_sleep(20)`.catch((error: unknown) => failures.push(error))
  const inTransaction = own.prisma
    .$transaction((tx) => tx.$queryRaw`SELECT pg_sleep(21)`, { timeout: 20_000 })
    .catch((error: unknown) => failures.push(error))
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(2%'`
  await expect
    .poll(async () => {
      await own.pools.health.query(cut)
      return failures.length
    })
    .toBe(2)
  await Promise.all([busy, inTransaction])
  for (const failure of failures) expect(isDatabaseAway(failure), String(failure)).toBe(true)
  const mistake = await own.prisma.$queryRaw`SELECT no_such_column`.catch((error: unknown) => error)
  expect(isDatabaseAway(mistake)).toBe(false)
  await own.close()
})

test('CR-07: synchronous_commit = off is switched on for every connection, and said aloud', async () => {
  const name = new URL(db.url).pathname.slice(1)
  await administer(db.url, `ALTER DATABASE ${name} SET synchronous_commit = off`)
  const own = openDatabase(db.url, { pools: { writer: 3 } })
  const warnings: string[] = []
  await assertDurable(own, (message) => warnings.push(message))
  expect(warnings).toEqual([expect.stringContaining('synchronous_commit = off')])
  const show = async (pool: typeof own.pools.writer) =>
    (await pool.query('SHOW synchronous_commit')).rows[0].synchronous_commit
  expect(await show(own.pools.health)).toBe('on')
  expect(await Promise.all([1, 2, 3].map(() => show(own.pools.writer)))).toEqual(['on', 'on', 'on'])
  await own.close()
  await administer(db.url, `ALTER DATABASE ${name} RESET synchronous_commit`)
  await assertDurable(db.database, (message) => warnings.push(message))
  expect(warnings).toHaveLength(1)
})

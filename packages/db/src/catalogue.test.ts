import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePartition } from './points/ensure-partitions'
import { createTestDatabase, type TestDatabase } from './testing'

// What the system tables say about the storage keys. They are decided for good: other time-series engines accept them.

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  await ensurePartition(db.database.pools.writer, { from: Date.parse('2026-11-01'), to: Date.parse('2026-11-02') })
})
afterAll(() => db.drop())

async function select(sql: string): Promise<Record<string, unknown>[]> {
  return (await db.database.pools.meta.query(sql)).rows
}

test.each([
  ['product', 'PRIMARY KEY (id)'],
  ['product', 'UNIQUE (public_id)'],
  ['product', 'UNIQUE (team_id, name)'],
  ['metric', 'PRIMARY KEY (product_id, id)'],
  ['metric', 'UNIQUE (product_id, name)'],
  ['series', 'PRIMARY KEY (product_id, id)'],
  ['series', 'UNIQUE (product_id, metric_id, tags_hash)'],
  ['point', 'PRIMARY KEY (product_id, series_id, ts, id)'],
  ['session', 'UNIQUE (token_hash)'],
  ['api_key', 'UNIQUE (token_hash)'],
  ['app_user', 'UNIQUE (email)'],
  ['report_run', 'UNIQUE (dedupe_key)'],
  ['delivery', 'UNIQUE (run_id, recipient)'],
])('%s has %s', async (table, key) => {
  const rows = await select(`
    SELECT CASE WHEN indisprimary THEN 'PRIMARY KEY' ELSE 'UNIQUE' END || ' (' || (
      SELECT string_agg(attname, ', ' ORDER BY place) FROM unnest(indkey::int2[]) WITH ORDINALITY AS key (attnum, place)
      JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = key.attnum WHERE place <= indnkeyatts
    ) || ')' AS key
    FROM pg_index WHERE indrelid = '${table}'::regclass AND indisunique`)
  expect(rows).toContainEqual({ key })
})

test('point is partitioned by time, without a default partition', async () => {
  expect(
    await select(`SELECT pg_get_partkeydef('point'::regclass) AS key, partdefid FROM pg_partitioned_table`),
  ).toEqual([{ key: 'RANGE (ts)', partdefid: 0 }])
})

test('no trigger is on point or its partitions, and no foreign key leads from them', async () => {
  const tables = `SELECT 'point'::regclass UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'point'::regclass`
  expect(await select(`SELECT tgname FROM pg_trigger WHERE tgrelid IN (${tables})`)).toEqual([])
  expect(await select(`SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid IN (${tables})`)).toEqual([])
  expect(await select(tables)).toHaveLength(2)
})

test('a partition has the key of point, and the value in its index', async () => {
  expect(
    await select(
      `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = 'points.p_2026_11'::regclass`,
    ),
  ).toEqual([
    {
      definition: 'CREATE UNIQUE INDEX p_2026_11_pkey ON points.p_2026_11 USING btree (product_id, series_id, ts, id)',
    },
  ])
})

test('every instant is stored with its zone', async () => {
  const rows = await select(`SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema IN ('public', 'points') AND data_type IN ('timestamp without time zone', 'date', 'time without time zone')`)
  expect(rows).toEqual([])
})

test.each([
  [
    `INSERT INTO app_user (id, email, name, password_hash) VALUES ('u', 'A@b.c', 'x', 'x')`,
    'app_user_email_lower_case',
  ],
  [`INSERT INTO setup_token (id, token_hash) VALUES (2, '')`, 'setup_token_single'],
  [
    `INSERT INTO product (public_id, team_id, name, zone, week_start) VALUES ('p', 't', 'x', 'UTC', 0)`,
    'product_week_start_iso',
  ],
  [
    `INSERT INTO api_key (id, product_id, name, hint, token_hash, scopes) VALUES ('k', 1, 'x', 'x', '', '{root}')`,
    'api_key_scopes_known',
  ],
  [`INSERT INTO metric (product_id, name, kind) VALUES (1, 'm', 'other')`, 'metric_kind_known'],
])('the database refuses %s', async (statement, constraint) => {
  await expect(select(statement)).rejects.toMatchObject({ constraint })
})

import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from './client'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the server is (its database `postgres`) and which database to clone. */
    databaseTemplate: { adminUrl: string; template: string }
  }
}

export interface TestDatabase {
  url: string
  database: Database
  /** Closes the pools and drops the database. */
  drop(): Promise<void>
}

/** Small pools: many test files run beside each other on one server. */
const TEST_POOLS = { meta: 4, writer: 2, query: 4 }

/**
 * A migrated, empty database of the caller's own, made in about 30 ms. The test file must be in a vitest project whose
 * globalSetup is `testing-setup.ts`.
 *
 * FILE_COPY takes 25 ms where WAL_LOG, the default, takes 160 ms: the 8 MB of the template then pass through the log,
 * page by page. The price, a checkpoint, is small while the server has little else to write.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminUrl, template } = inject('databaseTemplate')
  const name = `${TEST_PREFIX}${process.pid}_${randomBytes(5).toString('hex')}`
  await administer(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY = FILE_COPY`)
  const url = withDatabase(adminUrl, name)
  const database = openDatabase(url, { pools: TEST_POOLS })
  return {
    url,
    database,
    drop: async () => {
      await database.close()
      await administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** An empty database without a schema, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { adminUrl } = inject('databaseTemplate')
  const name = `${TEST_PREFIX}${process.pid}_${randomBytes(5).toString('hex')}`
  await administer(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0 STRATEGY = FILE_COPY`)
  return {
    url: withDatabase(adminUrl, name),
    drop: () => administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

/** Followed by the id of the process that made the database, so that the next run can tell what a killed one left behind. */
export const TEST_PREFIX = 'trackable_test_'

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

export async function administer(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

import type { Database } from './client'

export interface TestDatabase {
  url: string
  database: Database
  /** Closes the pools and drops the database. */
  drop(): Promise<void>
}

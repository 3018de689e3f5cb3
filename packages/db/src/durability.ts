import type { ClientBase } from 'pg'
import type { Database, Pool } from './client'

/** The oldest server the statements of this package are written for. */
const POSTGRES_VERSION_MIN = 150_000

/**
 * Refuses a server on which an acknowledged point could be lost, and one that is too old (CR-07).
 *
 * `fsync` and `full_page_writes` belong to the server's owner, so a start with either off is refused.
 * `synchronous_commit` belongs to the session: it is switched on for every connection of these pools, and `warn` hears
 * of it, because other programs on that server are still exposed.
 */
export async function assertDurable(database: Pick<Database, 'pools'>, warn: (message: string) => void): Promise<void> {
  const { rows } = await database.pools.health.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings
     WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version_num', 'server_version')`,
  )
  const setting = new Map(rows.map((row) => [row.name, row.setting]))
  if (Number(setting.get('server_version_num')) < POSTGRES_VERSION_MIN) {
    throw new Error(`PostgreSQL ${setting.get('server_version')} is too old: version 15 or newer is needed.`)
  }
  for (const name of ['fsync', 'full_page_writes']) {
    if (setting.get(name) === 'off') {
      throw new Error(`PostgreSQL runs with ${name} = off: a crash would lose points it has acknowledged. Turn it on.`)
    }
  }
  if (setting.get('synchronous_commit') === 'off') {
    warn('PostgreSQL has synchronous_commit = off. It is switched on for the connections of this process.')
    await Promise.all(Object.values(database.pools).map(commitSynchronously))
  }
}

/** Covers the connections to come and those that are idle now; at boot none is busy. */
async function commitSynchronously(pool: Pool): Promise<void> {
  const switchOn = async (client: ClientBase) => {
    await client.query('SET synchronous_commit = on')
  }
  // The pool waits for this before it hands a new connection to anybody.
  pool.options.onConnect = switchOn
  const idle = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()))
  await Promise.all(idle.map(switchOn))
  for (const client of idle) client.release()
}

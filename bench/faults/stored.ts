/** What the database holds when a fault is over. */
import { localDays } from '@trackable/api'
import { openDatabase } from '@trackable/db'
import { auditRollups } from '@trackable/db/points'
import type { Cluster } from './cluster'

/** How often each value is stored. */
export async function readStored(cluster: Cluster): Promise<Map<number, number>> {
  const rows = await cluster.query<{ value: number; count: number }>(
    `SELECT value, count(*)::int4 AS count FROM point JOIN series ON series.id = series_id
     WHERE metric_id IN (SELECT id FROM metric WHERE name = 'fault') GROUP BY value`,
  )
  return new Map(rows.map((row) => [row.value, row.count]))
}

/** Where rollups, with what waits to be folded into them, say something else than the points. */
export async function findRollupFaults(cluster: Cluster): Promise<string[]> {
  const database = openDatabase(cluster.url)
  try {
    const products = await database.prisma.product.findMany({ select: { id: true } })
    const audits = await Promise.all(products.map(({ id }) => auditRollups(database.pools.query, id, localDays)))
    return audits
      .flatMap(({ differences }) => differences)
      .map((one) => `rollup and points differ: ${JSON.stringify(one)}`)
  } finally {
    await database.close()
  }
}

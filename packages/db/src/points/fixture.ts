import { createHash } from 'node:crypto'
import type { Database } from '../client'
import { allocatePointColumns, type PointColumns } from './columns'

/** For the tests of this folder: a product to hang metrics on. Returns its storage key. */
export async function createProduct(database: Database, name = 'shop'): Promise<number> {
  const team = await database.prisma.team.upsert({
    where: { id: 'team_test' },
    create: { id: 'team_test', name: 'Test' },
    update: {},
  })
  const product = await database.prisma.product.create({
    data: { publicId: `prd_${name}`, teamId: team.id, name, zone: 'UTC' },
  })
  return product.id
}

export interface TestPoint {
  seriesId: number
  /** Epoch milliseconds, with microseconds as the fraction. */
  ts: number
  id?: bigint
  value: number
}

export function toColumns(productId: number, points: TestPoint[]): PointColumns {
  const columns = allocatePointColumns(points.length)
  points.forEach((point, i) => {
    columns.productId[i] = productId
    columns.seriesId[i] = point.seriesId
    columns.ts[i] = point.ts
    columns.id[i] = point.id ?? BigInt(i + 1)
    columns.value[i] = point.value
  })
  return columns
}

export function hashTags(tags: Record<string, string>): Buffer {
  const canonical = JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(canonical).digest().subarray(0, 16)
}

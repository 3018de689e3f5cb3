import { expect } from 'vitest'
import { ingest } from '../ingest/service'
import { createPointWriter, type PointWriter } from '../ingest/writer'
import type { ProductScope } from '../kernel/scope'
import { resolveApiKey } from '../product/procedure'
import {
  callerFor,
  createProductFixture,
  createTestContext,
  type Owner,
  registerOwner,
  type TestContext,
} from '../testing'
import type { QueryResult, QuerySpecInput } from './schema'

/** Tuesday, 13:00 in Berlin. */
export const NOW = '2026-03-31T11:00:00Z'

export interface Tenant {
  owner: Owner
  scope: ProductScope
  caller: ReturnType<typeof callerFor>
  productId: string
}

export interface Sent {
  metric?: string
  value: number
  at: string
  tags?: Record<string, string>
  /** The client's own. */
  id?: string
}

/** A database of its own with a writer, and the few words that tests of queries speak. */
export interface MetricWorld {
  ctx: TestContext
  writer: PointWriter
  createTenant(zone?: string): Promise<Tenant>
  send(tenant: Tenant, points: Sent[]): Promise<void>
  close(): Promise<void>
}

export async function createMetricWorld(): Promise<MetricWorld> {
  const ctx = await createTestContext({ now: NOW })
  const writer = createPointWriter(ctx)
  // One person: hashing a password takes longer than most tests.
  let owner: Owner | undefined
  return {
    ctx,
    writer,
    async createTenant(zone = 'Europe/Berlin') {
      owner ??= await registerOwner(ctx)
      const { product, keyText } = await createProductFixture(ctx, owner, { zone })
      const scope = await resolveApiKey(ctx, `Bearer ${keyText}`, 'ingest')
      return { owner, scope, caller: callerFor(ctx, owner), productId: product.id }
    },
    async send(tenant, points) {
      const body = points.map(({ metric = 'm', value, at, tags = {}, id }) => ({
        metric,
        value,
        timestamp: at,
        tags,
        id,
      }))
      const request = { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json' }
      const { result } = await ingest(ctx, writer, tenant.scope, request)
      expect(result.rejected).toEqual([])
    },
    async close() {
      await writer.close()
      await ctx.close()
    },
  }
}

/** Asks what the test says, and where it says nothing: the daily sums of `m` over seven days. */
export function ask(tenant: Tenant, spec: Partial<QuerySpecInput> = {}): Promise<QueryResult> {
  const asked: QuerySpecInput = {
    metric: 'm',
    aggregation: 'sum',
    range: { preset: '7d' },
    granularity: 'day',
    ...spec,
  }
  return tenant.caller.metric.query({ productId: tenant.productId, spec: asked })
}

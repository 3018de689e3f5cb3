import { createDashboard, listDashboards } from '../dashboard/service'
import type { PointWriter } from '../ingest/service'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import { findJob } from '../kernel/job'
import type { ProductScope, TeamScope } from '../kernel/scope'
import { changeMetric, listMetrics } from '../metric/service'
import { productScopeForJob } from '../product/procedure'
import { createProduct, findProductByName } from '../product/service'
import { createReport, listReports } from '../report/service'
import { countDemoPoints, DEMO_PRODUCTS, type DemoProduct, demoPoints } from './demo'
import { DEMO_DASHBOARDS, DEMO_REPORT } from './demo-dashboards'
import type { DemoProgress } from './schema'

/** Pieces on their way to the writer: one being stored while the next is parsed, and two to spare. */
const CHUNKS_IN_FLIGHT = 4

export interface SeedDemoOptions {
  /** Who gets the weekly report: whoever asked for the demo, never an invented address. */
  recipient: string
  onProgress?: (fraction: number, detail: string) => void
}

/**
 * The demo through the public services: three products with a year of numbers, two dashboards, a report. Called again it
 * adds the points that came since and changes nothing else, so that an interrupted run can simply be repeated.
 */
export async function seedDemo(
  ctx: Context,
  writer: PointWriter,
  team: TeamScope,
  options: SeedDemoOptions,
): Promise<void> {
  const now = ctx.clock.now().getTime()
  const total = DEMO_PRODUCTS.reduce((sum, product) => sum + countDemoPoints(product, now), 0)
  let done = 0
  for (const demo of DEMO_PRODUCTS) {
    const product = await findOrCreateProduct(ctx, team, demo)
    await writePoints(writer, product, demo, now, (count) => {
      done += count
      options.onProgress?.(done / total, `${demo.name}: a year of numbers`)
    })
    await describeMetrics(ctx, product, demo)
    await addDashboards(ctx, product, demo.name)
    if (demo.name === DEMO_REPORT.product) await addReport(ctx, product, options.recipient)
  }
}

async function findOrCreateProduct(ctx: Context, team: TeamScope, demo: DemoProduct): Promise<ProductScope> {
  const { name, zone } = demo
  const found = await findProductByName(ctx.db.prisma, team, name)
  const product = found ?? (await createProduct(ctx, team, { name, zone, weekStart: 1, fiscalYearStart: 1 }))
  const scope = await productScopeForJob(ctx, product.id)
  const known = new Set(demo.metrics.map((metric) => metric.name))
  const foreign = found
    ? (await listMetrics(ctx.db.prisma, ctx.db.pools.query, scope)).find((metric) => !known.has(metric.name))
    : null
  if (foreign) {
    throw new DomainError(
      'conflict',
      `The product "${name}" is not the demo's: it has the metric "${foreign.name}". Rename it first.`,
    )
  }
  return scope
}

async function writePoints(
  writer: PointWriter,
  product: ProductScope,
  demo: DemoProduct,
  now: number,
  onWritten: (count: number) => void,
): Promise<void> {
  const inFlight: Promise<void>[] = []
  for (const chunk of demoPoints(demo, now)) {
    inFlight.push(writer.write(product, chunk).then(() => onWritten(chunk.length)))
    if (inFlight.length >= CHUNKS_IN_FLIGHT) await inFlight.shift()
  }
  await Promise.all(inFlight)
}

async function describeMetrics(ctx: Context, product: ProductScope, demo: DemoProduct): Promise<void> {
  for (const { name, unit, description, kind, aggregation } of demo.metrics) {
    await changeMetric(ctx, product, {
      productId: product.publicId,
      metric: name,
      unit,
      description,
      kind,
      defaultAggregation: aggregation,
    })
  }
}

async function addDashboards(ctx: Context, product: ProductScope, productName: string): Promise<void> {
  const existing = new Set((await listDashboards(ctx.db.prisma, product)).map((dashboard) => dashboard.name))
  for (const { product: name, dashboard } of DEMO_DASHBOARDS) {
    if (name === productName && !existing.has(dashboard.name)) await createDashboard(ctx, product, dashboard)
  }
}

async function addReport(ctx: Context, product: ProductScope, recipient: string): Promise<void> {
  const { name, schedule } = DEMO_REPORT
  const reports = await listReports(ctx.db.prisma, product)
  const dashboards = await listDashboards(ctx.db.prisma, product)
  const dashboard = dashboards.find((one) => one.name === DEMO_REPORT.dashboard)
  if (!dashboard || reports.some((report) => report.name === name)) return
  await createReport(ctx, product, { dashboardId: dashboard.id, name, schedule, recipients: [recipient] })
}

export const demoJobKey = (teamId: string) => `demo.seed:${teamId}`

/**
 * How far the demo is, read from what exists and from the queue: nothing is kept that could tell another story than the
 * database does, and every replica gives the same answer.
 */
export async function getDemoProgress(ctx: Context, team: TeamScope): Promise<DemoProgress> {
  const job = await findJob(ctx.db.pools.meta, demoJobKey(team.teamId))
  const steps = await countSteps(ctx, team)
  if (job?.isDead) return { status: 'failed', fraction: steps.done / steps.total, detail: job.lastError }
  if (job) return { status: 'running', fraction: steps.done / steps.total, detail: steps.current }
  if (steps.done === steps.total) return { status: 'done', fraction: 1, detail: null }
  return { status: 'none', fraction: 0, detail: null }
}

/** The demo's metrics, dashboards and report, each a step. */
async function countSteps(
  ctx: Context,
  team: TeamScope,
): Promise<{ done: number; total: number; current: string | null }> {
  const total = DEMO_PRODUCTS.reduce((sum, product) => sum + product.metrics.length, 0) + DEMO_DASHBOARDS.length + 1
  let done = 0
  let current: string | null = null
  for (const demo of DEMO_PRODUCTS) {
    const product = await findProductByName(ctx.db.prisma, team, demo.name)
    if (!product) continue
    const scope = await productScopeForJob(ctx, product.id)
    const metrics = new Set((await listMetrics(ctx.db.prisma, ctx.db.pools.query, scope)).map((metric) => metric.name))
    const dashboards = new Set((await listDashboards(ctx.db.prisma, scope)).map((dashboard) => dashboard.name))
    const reports = demo.name === DEMO_REPORT.product ? await listReports(ctx.db.prisma, scope) : []
    done += demo.metrics.filter((metric) => metrics.has(metric.name)).length
    done += DEMO_DASHBOARDS.filter((one) => one.product === demo.name && dashboards.has(one.dashboard.name)).length
    done += reports.some((report) => report.name === DEMO_REPORT.name) ? 1 : 0
    current = `${demo.name}: a year of numbers`
  }
  return { done, total, current }
}

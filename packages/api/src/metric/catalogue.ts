/** What a product measures: the list of its metrics, one metric's facts, and its name. */
import {
  type CatalogueRow,
  type SparkRow,
  selectCatalogue,
  selectExtent,
  selectSparks,
  selectTagCounts,
} from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import {
  CATALOGUE_PAGE_ROWS,
  type Catalogue,
  type CatalogueEntry,
  type CatalogueQuery,
  type MetricDetail,
  type RenameMetric,
  ROW_TAGS_MAX,
  SPARK_DAYS,
} from './catalogue-schema'
import { noteChange } from './events'
import { lateAfter } from './freshness'
import {
  deleteAlias,
  findAlias,
  getStorageSettings,
  insertAlias,
  listFormerNames,
  setMetricName,
} from './repository-catalogue'
import { advanceEpoch } from './repository-storage'
import { Aggregation, MetricKind } from './schema'
import { getMetric } from './service'
import { dayAt, getZoneTable, startOfDay } from './zone'

type Entry = Omit<CatalogueEntry, 'tags' | 'tagCount' | 'spark'>

/** One page of the metrics, with what filters and sorting leave. Three statements, whatever the number of metrics. */
export async function getCatalogue(ctx: Context, product: ProductScope, query: CatalogueQuery): Promise<Catalogue> {
  const now = ctx.clock.now().getTime()
  const pool = ctx.db.pools.query
  const find = query.find.trim().toLowerCase()
  const rows = await selectCatalogue(pool, { productId: product.id, find, metricIds: null })
  const all = rows.map((row) => ({ id: row.id, isFound: row.is_found, entry: toEntry(row) }))
  const shown = all.filter(({ entry }) => !entry.isHidden)
  const left = all
    .filter(({ isFound, entry }) => isFound && entry.isHidden === query.isHidden)
    .filter(({ entry }) => query.kind === null || entry.kind === query.kind)
    .filter(({ entry }) => !query.isLate || isLate(entry, now))
    .sort((a, b) => compareEntries(a.entry, b.entry, query))
  const page = left.slice(query.page * CATALOGUE_PAGE_ROWS, (query.page + 1) * CATALOGUE_PAGE_ROWS)
  const ids = page.map(({ id }) => id)
  const [sparks, tags] = await Promise.all([readSparks(ctx, product, ids, now), selectTagCounts(pool, product.id, ids)])
  return {
    entries: page.map(({ id, entry }) => {
      const own = tags.filter((row) => row.metric_id === id)
      return {
        ...entry,
        tags: own.slice(0, ROW_TAGS_MAX).map((row) => ({ tag: row.tag, valueCount: row.value_count })),
        tagCount: own.length,
        spark: toSpark(
          sparks.filter((row) => row.metric_id === id),
          entry.defaultAggregation,
        ),
      }
    }),
    total: left.length,
    counts: {
      shown: shown.length,
      hidden: all.length - shown.length,
      late: shown.filter(({ entry }) => isLate(entry, now)).length,
      series: all.reduce((sum, { entry }) => sum + entry.seriesCount, 0),
    },
  }
}

/** Throws `unknown_metric`. A former name finds the metric too; `name` is the present one. */
export async function getMetricDetail(ctx: Context, product: ProductScope, name: string): Promise<MetricDetail> {
  const metric = await getMetric(ctx, product, name)
  const pool = ctx.db.pools.query
  const [[row], span, formerNames, settings] = await Promise.all([
    selectCatalogue(pool, { productId: product.id, find: '', metricIds: [metric.id] }),
    selectExtent(pool, product.id, metric.id),
    listFormerNames(ctx.db.prisma, product, metric.id),
    getStorageSettings(ctx.db.prisma, product),
  ])
  if (!row) throw new DomainError('unknown_metric', `There is no metric "${name}" in this product.`)
  return {
    ...toEntry(row),
    formerNames,
    cadenceS: row.cadence_s,
    retentionDays: row.retention_days,
    productRetentionDays: settings.retentionDays,
    firstSeenAt: row.first_seen_at,
    firstPointAt: span.first_ms === null ? null : new Date(span.first_ms),
    pointCount: span.count,
  }
}

/**
 * Gives a metric another name in one transaction; the old one keeps finding it, for senders, dashboards and reports alike.
 * Throws `unknown_metric`, and `name_taken` when another metric has or had the name.
 */
export async function renameMetric(
  ctx: Context,
  product: ProductScope,
  { metric: name, to }: RenameMetric,
): Promise<MetricDetail> {
  const metric = await getMetric(ctx, product, name)
  if (to === metric.name) return getMetricDetail(ctx, product, to)
  await ctx.db.prisma.$transaction(async (tx) => {
    const former = await findAlias(tx, product, to)
    if (former && former.metricId !== metric.id)
      throw taken(`"${to}" is a former name of "${former.metric.name}", whose senders may still use it.`)
    if (former) await deleteAlias(tx, product, to)
    if (!(await setMetricName(tx, product, metric.id, metric.name, to)))
      throw taken(`There is already a metric "${to}". Merge the two instead.`)
    await insertAlias(tx, product, metric.id, metric.name, ctx.clock.now())
    await advanceEpoch(tx)
  })
  await noteChange(ctx, product, [metric.name, to])
  return getMetricDetail(ctx, product, to)
}

const taken = (detail: string) =>
  new DomainError('name_taken', detail, { errors: [{ pointer: '/to', code: 'name_taken', detail }] })

function toEntry(row: CatalogueRow): Entry {
  const declaredMs = row.cadence_s === null ? null : row.cadence_s * 1000
  return {
    name: row.name,
    displayName: row.display_name,
    description: row.description,
    unit: row.unit,
    // The database has a CHECK for these words.
    kind: MetricKind.nullable().parse(row.kind),
    defaultAggregation: Aggregation.parse(row.default_aggregation),
    isHidden: row.is_hidden,
    seriesCount: row.series_count,
    lastPointAt: row.last_ms === null ? null : new Date(row.last_ms),
    lastValue: row.last,
    cadenceMs: declaredMs ?? row.learned_ms,
    isCadenceDeclared: declaredMs !== null,
    lateAfterMs: lateAfter({ declaredMs, learnedMs: row.learned_ms, quietMs: row.quiet_ms }),
  }
}

function isLate({ lastPointAt, lateAfterMs }: Entry, now: number): boolean {
  return lastPointAt !== null && lateAfterMs !== null && now - lastPointAt.getTime() > lateAfterMs
}

/** Ties are settled by the name, so that pages never overlap. */
function compareEntries(a: Entry, b: Entry, { sort, isDescending }: CatalogueQuery): number {
  const sign = isDescending ? -1 : 1
  const byName = a.name < b.name ? -1 : a.name > b.name ? 1 : 0
  if (sort === 'name') return sign * compareTitles(a, b) || byName
  const of = (entry: Entry) => (sort === 'series' ? entry.seriesCount : (entry.lastPointAt?.getTime() ?? 0))
  return sign * (of(a) - of(b)) || byName
}

/** `node-2` stands before `node-10`. One collator: localeCompare makes a new one for each pair. */
const collator = new Intl.Collator('en', { numeric: true })
const compareTitles = (a: Entry, b: Entry) => collator.compare(a.displayName ?? a.name, b.displayName ?? b.name)

async function readSparks(ctx: Context, product: ProductScope, metricIds: number[], now: number): Promise<SparkRow[]> {
  if (metricIds.length === 0) return []
  const { rollupZone } = await getStorageSettings(ctx.db.prisma, product)
  const table = getZoneTable(rollupZone ?? product.zone, now - (SPARK_DAYS + 1) * 86_400_000, now)
  const fromDay = dayAt(table, now) - SPARK_DAYS + 1
  const edges = Array.from({ length: SPARK_DAYS + 1 }, (_, i) => startOfDay(table, fromDay + i))
  return selectSparks(ctx.db.pools.query, { productId: product.id, metricIds, fromDay, edges })
}

/** What a day is drawn as. Where a day cannot be had from rollups alone (percentiles), its mean shows the shape. */
export function toSpark(rows: readonly SparkRow[], aggregation: string): (number | null)[] {
  const spark = new Array<number | null>(SPARK_DAYS).fill(null)
  for (const row of rows) spark[row.slot] = sparkValue(row, aggregation)
  return spark
}

function sparkValue(row: SparkRow, aggregation: string): number | null {
  const sum = Number(row.sum)
  const values: Record<string, number> = {
    sum,
    rate: sum,
    cumulative: sum,
    count: row.count,
    unique: row.series,
    min: row.min,
    max: row.max,
    first: row.first,
    last: row.last,
  }
  const value = values[aggregation] ?? sum / row.count
  // A sum beyond the largest number has no place on a curve.
  return Number.isFinite(value) ? value : null
}

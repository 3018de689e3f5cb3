/** One question, from its spec to the numbers: which metrics, which buckets, which groups, and what they are compared with. */
import {
  type AggregateRow,
  type GroupKey,
  type LocalDays,
  selectAggregates,
  selectCatalogue,
  selectTags,
} from '@trackable/db/points'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { type Answer, buildAnswer, measuresOf, type Question, rankGroups, type UnknownCells } from './aggregate'
import { memoize, takeSlot, takeWideSlot } from './cache'
import { type ResolvedRange, resolveComparison, resolveRange } from './calendar'
import { parseFormula } from './formula'
import { describeFreshness, type Rhythm } from './freshness'
import { KIND_RULES } from './kinds'
import { findMetric, getSpan, type MetricRow, type Span } from './repository'
import { unknownBefore } from './retention'
import {
  Aggregation,
  CELLS_MAX,
  type Filters,
  isFilterGroup,
  MetricKind,
  type QueryResult,
  type QuerySpec,
  type QueryWarning,
} from './schema'
import { refuseUnknown } from './unknown'
import { localDays } from './zone'

/** A metric as one name of a formula, or as the whole question. */
interface TermPlan {
  metric: MetricRow
  aggregation: Aggregation
  kind: MetricKind | null
  filters: Filters
  span: Span
  rhythm: Rhythm
}

interface Plan {
  spec: QuerySpec
  terms: TermPlan[]
  combine?: Question['combine']
}

/** Throws `unknown_metric`, `invalid_zone`, `invalid_request` for a formula, and `query_too_large`. */
export async function answerQuery(
  ctx: Context,
  product: ProductScope,
  spec: QuerySpec,
  bucketsMax: number,
): Promise<QueryResult> {
  const asOf = ctx.clock.now().getTime()
  const plan = await planTerms(ctx, product, spec)
  const zone = spec.zone ?? product.zone
  const { weekStart, fiscalYearStart } = product
  const firsts = plan.terms.flatMap(({ span }) => (span.firstPointAt === null ? [] : [span.firstPointAt]))
  const firstPointAt = firsts.length === 0 ? null : Math.min(...firsts)
  const request = { ...spec, zone, weekStart, fiscalYearStart, now: asOf, firstPointAt, bucketsMax }
  const range = resolveRange(request)
  assertCells(range, spec)
  const reader = createReader(ctx, product, plan, asOf)
  const { question, groups } = await reader.readLargest(range.edges)
  const answer = buildAnswer(question, groups)
  const compare = await readComparison(reader, plan, range, groups, asOf)
  const notes = { isOverflowed: answer.isOverflowed || compare?.isOverflowed === true }
  const approximate = answer.isApproximate || compare?.isApproximate === true
  const oldest = oldestTerm(plan.terms)
  const edgesRead = [range.edges, ...(compare ? [compare.edges] : [])]
  return {
    ...describeAsked(plan),
    granularity: range.granularity,
    zone,
    from: range.from,
    to: range.to,
    asOf,
    edges: range.edges,
    unfinishedFrom: unfinishedFrom(range, asOf),
    series: answer.series,
    total: answer.total,
    lastPointAt: oldest.span.lastPointAt,
    freshness: describeFreshness(oldest.rhythm, oldest.span.lastPointAt, asOf),
    approximate,
    overflowed: notes.isOverflowed,
    warnings: [...warningsOf(plan, approximate, notes.isOverflowed), ...retentionWarnings(plan, product, edgesRead)],
    compare: compare && {
      from: compare.from,
      to: compare.to,
      edges: compare.edges,
      series: compare.series,
      total: compare.total,
    },
  }
}

function describeAsked({
  spec,
  terms,
}: Plan): Pick<QueryResult, 'metric' | 'unit' | 'kind' | 'aggregation' | 'formula'> {
  if (spec.formula) {
    return { metric: spec.formula.expression, unit: null, kind: null, aggregation: null, formula: spec.formula }
  }
  const { metric, kind, aggregation } = terms[0] as TermPlan
  return { metric: metric.name, unit: metric.unit, kind, aggregation, formula: null }
}

async function planTerms(ctx: Context, product: ProductScope, spec: QuerySpec): Promise<Plan> {
  const { formula, metric } = spec
  if (!formula) {
    return { spec, terms: [await planTerm(ctx, product, metric ?? '', spec.aggregation, spec.filters)] }
  }
  const { names, evaluate } = parseFormula(formula)
  const terms = await Promise.all(
    names.map((name) => {
      const term = formula.terms[name]
      return planTerm(ctx, product, term?.metric ?? '', term?.aggregation, [...spec.filters, ...(term?.filters ?? [])])
    }),
  )
  return { spec, terms, combine: evaluate }
}

async function planTerm(
  ctx: Context,
  product: ProductScope,
  name: string,
  asked: Aggregation | undefined,
  filters: Filters,
): Promise<TermPlan> {
  const { metric, span } = await memoize(ctx, product, `metric ${name}`, METRIC_TTL_MS, async () => {
    const metric = (await findMetric(ctx.db.prisma, product, name)) ?? (await refuseUnknown(ctx, product, name))
    return { metric, span: await getSpan(ctx.db.pools.query, product, metric.id) }
  })
  return {
    metric,
    span,
    filters,
    rhythm: await findRhythm(ctx, product, metric),
    // The database has a CHECK for both words.
    aggregation: asked ?? Aggregation.parse(metric.defaultAggregation),
    kind: MetricKind.nullable().parse(metric.kind),
  }
}

/** Until points are stored; then at once. */
const METRIC_TTL_MS = 10_000
/** How often points come does not change because one came. */
const RHYTHM_TTL_MS = 60_000

async function findRhythm(ctx: Context, product: ProductScope, metric: MetricRow): Promise<Rhythm> {
  if (metric.cadenceS !== null) return { declaredMs: metric.cadenceS * 1000, learnedMs: null, quietMs: null }
  return memoize(ctx, product, `rhythm ${metric.id}`, RHYTHM_TTL_MS, async () => {
    const asked = { productId: product.id, find: '', metricIds: [metric.id] }
    const [row] = await selectCatalogue(ctx.db.pools.query, asked)
    return { declaredMs: null, learnedMs: row?.learned_ms ?? null, quietMs: row?.quiet_ms ?? null }
  })
}

/** A formula is as fresh as the term that stopped first. */
const oldestTerm = (terms: readonly TermPlan[]): TermPlan =>
  terms.reduce((oldest, term) => ((term.span.lastPointAt ?? 0) < (oldest.span.lastPointAt ?? 0) ? term : oldest))

function assertCells({ edges, granularity }: ResolvedRange, { groupBy, seriesMax }: QuerySpec): void {
  const buckets = edges.length - 1
  const series = groupBy.length === 0 ? 1 : seriesMax + 1
  if (buckets * series <= CELLS_MAX) return
  const say = (count: number) => count.toLocaleString('en')
  throw new DomainError(
    'query_too_large',
    `${say(buckets)} buckets of one ${granularity} for ${series} series are ${say(buckets * series)} values, and at most ${say(CELLS_MAX)} are answered. Ask for fewer series, a shorter range or longer buckets.`,
  )
}

type Reader = ReturnType<typeof createReader>

function createReader(ctx: Context, product: ProductScope, plan: Plan, asOf: number) {
  const { spec, terms, combine } = plan
  const { groupBy, seriesMax } = spec
  const pool = ctx.db.pools.query
  const days = localDays(product.zone)
  const metric = spec.formula?.expression ?? (terms[0] as TermPlan).metric.name
  const readTerm = (term: TermPlan, edges: number[], groups: GroupKey[] | undefined): Promise<AggregateRow[]> =>
    takeSlot(ctx, product, () =>
      selectAggregates(pool, {
        productId: product.id,
        metricId: term.metric.id,
        edges,
        days,
        groupBy,
        filters: term.filters.map((filter) => (isFilterGroup(filter) ? filter.any : [filter])),
        groups,
        ...measuresOf(term.aggregation),
      }),
    )
  /** Across the edge of retention: what cannot be told is marked, and the total of whole days read as such. */
  const readKept = async (term: TermPlan, edges: number[], groups: GroupKey[] | undefined) => {
    const rows = await readTerm(term, edges, groups)
    const unknown = findUnknown(term, days, edges)
    const whole = [edges[0] as number, edges.at(-1) as number]
    if (!unknown || findUnknown(term, days, whole)) return { rows, unknown }
    const totals = (await readTerm(term, whole, groups)).filter((row) => row.bucket === null)
    return { rows: [...rows.filter((row) => row.bucket !== null), ...totals], unknown: { ...unknown, isTotal: false } }
  }
  const read = async (edges: number[], groups: GroupKey[] | undefined): Promise<Question> => ({
    metric,
    groupBy,
    edges,
    asOf,
    combine,
    terms: await Promise.all(
      terms.map(async (term) => ({
        aggregation: term.aggregation,
        kind: term.kind,
        firstPointAt: term.span.firstPointAt,
        ...(await readKept(term, edges, groups)),
      })),
    ),
  })
  /**
   * The largest groups, when there may be more than are shown: one more scan, without buckets. Undefined when the
   * dictionary knows so few values that all of them fit.
   */
  const chooseGroups = async (edges: readonly number[]): Promise<GroupKey[] | undefined> => {
    if (groupBy.length === 0) return undefined
    const counts = await Promise.all(terms.map((term) => countGroups(ctx, product, term.metric.id, groupBy)))
    const count = counts.reduce((sum, one) => sum + one, 0)
    if (count <= seriesMax) return undefined
    const rank = async () => rankGroups(await read([edges[0] as number, edges.at(-1) as number], undefined), seriesMax)
    return count > WIDE_GROUPS ? takeWideSlot(ctx, rank) : rank()
  }
  return {
    read,
    /** The cells, and the groups that they are shown in, by size. */
    async readLargest(edges: number[]): Promise<{ question: Question; groups: GroupKey[] }> {
      const chosen = await chooseGroups(edges)
      const question = await read(edges, chosen)
      const groups = chosen ?? (await rankGroups(question, Number.POSITIVE_INFINITY))
      if (groups.length <= seriesMax) return { question, groups }
      // Some series lack a tag, or values have come since they were counted: only a reading that knows the groups adds up the rest.
      const largest = groups.slice(0, seriesMax)
      return { question: await read(edges, largest), groups: largest }
    },
  }
}

/** Each is some rows of the answer before the largest are known: a kilobyte in memory. */
const WIDE_GROUPS = 10_000

/** Hardly more groups than this: each tag's values with each of the others'. Most metrics have their tags on every series. */
async function countGroups(ctx: Context, product: ProductScope, metricId: number, groupBy: string[]): Promise<number> {
  const tags = await memoize(ctx, product, `tags ${metricId}`, METRIC_TTL_MS, () =>
    selectTags(ctx.db.pools.query, product.id, metricId, 1),
  )
  const valueCount = (tag: string) => tags.find((row) => row.tag === tag)?.value_count ?? 0
  return groupBy.reduce((count, tag) => count * Math.max(1, valueCount(tag)), 1)
}

async function readComparison(
  reader: Reader,
  { spec }: Plan,
  range: ResolvedRange,
  groups: GroupKey[],
  asOf: number,
): Promise<({ from: number; to: number; edges: number[] } & Answer) | null> {
  const before = resolveComparison(range, spec.compare, asOf)
  if (!before) return null
  const { from, to, edges } = before
  const question = await reader.read(edges, spec.groupBy.length === 0 ? undefined : groups)
  return { from, to, edges, ...buildAnswer(question, groups) }
}

/** Buckets that begin before the metric's raw points do, and are not made of whole days. */
function findUnknown(
  { metric, aggregation }: TermPlan,
  days: LocalDays,
  edges: readonly number[],
): UnknownCells | undefined {
  if (metric.rawFrom === null) return undefined
  return unknownBefore(metric.rawFrom.getTime(), days, edges, measuresOf(aggregation).quantiles === undefined)
}

function retentionWarnings({ terms }: Plan, { zone }: ProductScope, read: readonly number[][]): QueryWarning[] {
  const days = localDays(zone)
  const cut = terms.filter((term) => read.some((edges) => findUnknown(term, days, edges) !== undefined))
  return cut.map(({ metric }) => ({
    code: 'beyond_retention',
    detail: `Raw points of "${metric.name}" are kept from ${metric.rawFrom?.toISOString().slice(0, 10)} on. Of earlier days only totals of whole days (${zone}) are known, and no percentiles; the rest is shown as missing.`,
  }))
}

function unfinishedFrom({ from, to, edges }: ResolvedRange, asOf: number): number | null {
  if (asOf < from || asOf >= to) return null
  return edges.findLast((edge) => edge <= asOf) ?? null
}

function warningsOf({ terms }: Plan, approximate: boolean, isOverflowed: boolean): QueryWarning[] {
  const warnings: QueryWarning[] = terms.flatMap(({ metric, kind, aggregation }) => {
    const words = kind === null ? undefined : KIND_RULES[kind].warned[aggregation]
    return words ? [{ code: 'aggregation_of_kind' as const, detail: `The values of "${metric.name}" ${words}` }] : []
  })
  if (approximate) {
    warnings.push({
      code: 'approximate',
      detail: 'Percentiles were read from counted bins: each is within 1 % of the exact one.',
    })
  }
  if (isOverflowed) {
    warnings.push({ code: 'overflow', detail: 'Some value is beyond a 64-bit float and is shown as missing.' })
  }
  return warnings
}

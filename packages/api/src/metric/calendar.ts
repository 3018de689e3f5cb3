/**
 * From words to instants: ranges and bucket edges in a zone. Pure; the service hands in the clock's time.
 * Days are counted as integers (0 = 1970-01-01) and turned into instants by zone.ts alone.
 */
import { DomainError } from '../kernel/errors'
import { isZone } from '../product/schema'
import { BUCKETS_MAX, GRANULARITIES, type Granularity, type QueryRange, type RangePreset } from './schema'
import {
  DAY_MS,
  dayAt,
  getZoneTable,
  hourStarts,
  monthOfDay,
  parseDay,
  startOfDay,
  startOfUtcMonth,
  weekdayOfDay,
  type ZoneTable,
} from './zone'

export interface RangeRequest {
  range: QueryRange
  granularity: Granularity | 'auto'
  zone: string
  /** ISO weekday that a week begins with. */
  weekStart: number
  /** Epoch ms. */
  now: number
  /** Where the preset `all` begins, epoch ms; null when there is no point yet. */
  firstPointAt: number | null
}

export interface Buckets {
  granularity: Granularity
  /** Half-open `[from, to)`, epoch ms. `from` and `to` are the first and the last edge. */
  from: number
  to: number
  /** Strictly ascending; one more than there are buckets. Days, weeks and months that the range cuts are shorter. */
  edges: number[]
}

export interface ResolvedRange extends Buckets {
  zone: string
  weekStart: number
  period: Period
}

/** Where the previous period lies: so many days or calendar months before. */
interface Step {
  unit: 'day' | 'month'
  count: number
}

/** Local dates `[fromDay, toDay)`. */
interface Period {
  fromDay: number
  toDay: number
  /** Null where nothing can lie before (`all`). */
  step: Step | null
  /** Ends with the clock's current hour and not with its day, when cut into hours. */
  endsNow: boolean
}

/** `auto` takes the finest granularity with at most this many buckets: 4 days of hours, a quarter of days. */
export const AUTO_BUCKETS_MAX = 100

/** Further away there are no points, the zones have no rules, and PostgreSQL and JavaScript write years differently. */
const DATE_MIN = '1900-01-01'
const DATE_MAX = '2999-12-31'

/** Resolves a range into buckets. Throws `invalid_zone`, and `query_too_large` naming the granularity that would fit. */
export function resolveRange(request: RangeRequest): ResolvedRange {
  const { zone, weekStart, now } = request
  if (!isZone(zone))
    throw new DomainError('invalid_zone', `"${zone}" is not a time zone. Use an IANA name such as Europe/Berlin.`)
  const period = toPeriod(request, dayAt(getZoneTable(zone, now, now), now))
  const granularity = request.granularity === 'auto' ? chooseGranularity(period) : request.granularity
  assertBuckets(period, granularity)
  const table = tableOf(zone, period)
  const edges = cut(table, period, granularity, weekStart, now)
  return { granularity, zone, weekStart, period, ...ends(edges), edges }
}

/**
 * The period directly before, bucket by bucket: bucket i compares with bucket i. A calendar period (week, month,
 * quarter, year, or dates that are whole months) compares with the previous calendar one, whose last buckets are left
 * out while the current one is unfinished. Null for `all`, and for a range of which nothing has elapsed.
 *
 * While the range is unfinished it is compared with the same elapsed part: the last bucket ends as far in as we are now.
 */
export function resolvePrevious(current: ResolvedRange, now: number): Buckets | null {
  const { period, granularity, zone, weekStart } = current
  if (!period.step) return null
  const fromDay = shiftDay(period.fromDay, period.step)
  const before: Period = { ...period, fromDay, toDay: period.fromDay, endsNow: false }
  const table = tableOf(zone, before)
  const isUnfinished = now < current.to
  const bucketCount = current.edges.length - 1
  const step = period.step
  const all =
    step.unit === 'day' && granularity !== 'hour'
      ? toInstants(
          table,
          cutDays(period, granularity, weekStart).map((day) => shiftDay(day, step)),
        )
      : cut(table, before, granularity, weekStart, now)
  if (!isUnfinished) return { granularity, ...ends(all), edges: all }
  const to = elapsedEnd(current.edges, all.slice(0, bucketCount + 1), now)
  if (to <= (all[0] as number)) return null
  const edges = [...all.filter((edge) => edge < to), to]
  return { granularity, ...ends(edges), edges }
}

/** The instant of the previous period that corresponds to `now`: the same bucket, and as far into it. */
function elapsedEnd(current: readonly number[], previous: readonly number[], now: number): number {
  const last = previous.at(-1) as number
  if (now < (current[0] as number)) return previous[0] as number
  let i = 0
  while (i + 1 < current.length && (current[i + 1] as number) <= now) i++
  const start = previous[i]
  const end = previous[i + 1]
  if (start === undefined || end === undefined) return last
  return Math.min(end, start + (now - (current[i] as number)))
}

function toPeriod(request: RangeRequest, today: number): Period {
  const { range, weekStart } = request
  if ('preset' in range) return presetPeriod(range.preset, today, request)
  if (range.from < DATE_MIN || range.to > DATE_MAX) {
    throw new DomainError('invalid_request', `Dates from ${DATE_MIN} to ${DATE_MAX} are answered.`)
  }
  const fromDay = parseDay(range.from)
  const toDay = parseDay(range.to) + 1
  const isWeeks = (toDay - fromDay) % 7 === 0 && weekdayOfDay(fromDay) === weekStart
  return { fromDay, toDay, endsNow: false, step: isWeeks ? days(fromDay - toDay) : wholeMonths(fromDay, toDay) }
}

function presetPeriod(preset: RangePreset, today: number, request: RangeRequest): Period {
  const month = monthOfDay(today)
  const monday = startOfWeek(today, request.weekStart)
  const toDate = (fromDay: number, step: Step | null): Period => ({ fromDay, toDay: today + 1, step, endsNow: true })
  const past = (fromDay: number, toDay: number, step: Step): Period => ({ fromDay, toDay, step, endsNow: false })
  const sinceMonth = (first: number, count: number) => toDate(startOfUtcMonth(first), months(-count))
  switch (preset) {
    case 'today':
      return toDate(today, days(-1))
    case 'yesterday':
      return past(today - 1, today, days(-1))
    case '7d':
      return toDate(today - 6, days(-7))
    case '30d':
      return toDate(today - 29, days(-30))
    case '90d':
      return toDate(today - 89, days(-90))
    case '12m':
      return sinceMonth(month - 11, 12)
    case 'week':
      return toDate(monday, days(-7))
    case 'last_week':
      return past(monday - 7, monday, days(-7))
    case 'month':
      return sinceMonth(month, 1)
    case 'last_month':
      return past(startOfUtcMonth(month - 1), startOfUtcMonth(month), months(-1))
    case 'quarter':
      return sinceMonth(month - (month % 3), 3)
    case 'year':
      return sinceMonth(month - (month % 12), 12)
    case 'all':
      return toDate(firstDay(request, today), null)
  }
}

function firstDay({ firstPointAt, zone }: RangeRequest, today: number): number {
  if (firstPointAt === null) return today
  return Math.min(today, dayAt(getZoneTable(zone, firstPointAt, firstPointAt), firstPointAt))
}

const days = (count: number): Step => ({ unit: 'day', count })
const months = (count: number): Step => ({ unit: 'month', count })

/** Two dates that span whole months compare with as many whole months before, others with as many days. */
function wholeMonths(fromDay: number, toDay: number): Step {
  const from = monthOfDay(fromDay)
  const to = monthOfDay(toDay)
  const isWhole = startOfUtcMonth(from) === fromDay && startOfUtcMonth(to) === toDay
  return isWhole ? months(from - to) : days(fromDay - toDay)
}

/** A step of months is taken only from the first day of a month. */
function shiftDay(day: number, step: Step): number {
  return step.unit === 'day' ? day + step.count : startOfUtcMonth(monthOfDay(day) + step.count)
}

const startOfWeek = (day: number, weekStart: number) => day - ((weekdayOfDay(day) - weekStart + 7) % 7)

/** An upper bound, from the dates alone: it is asked before anything is computed. */
function countBuckets({ fromDay, toDay }: Period, granularity: Granularity): number {
  const dayCount = toDay - fromDay
  if (granularity === 'hour') return dayCount * 24
  if (granularity === 'day') return dayCount
  if (granularity === 'week') return Math.ceil(dayCount / 7) + 1
  return monthOfDay(toDay - 1) - monthOfDay(fromDay) + 1
}

function chooseGranularity(period: Period): Granularity {
  const candidates = GRANULARITIES.filter((granularity) => {
    // Weeks fit into days and not into months: a year is drawn as twelve months, not as 53 pieces of weeks.
    if (granularity === 'week' && period.step?.unit === 'month') return false
    return countBuckets(period, granularity) <= AUTO_BUCKETS_MAX
  })
  return candidates[0] ?? 'month'
}

function assertBuckets(period: Period, granularity: Granularity): void {
  const count = countBuckets(period, granularity)
  if (count <= BUCKETS_MAX) return
  const fits = GRANULARITIES.find((one) => countBuckets(period, one) <= BUCKETS_MAX)
  const advice = fits ? `Use "${fits}", or a shorter range.` : 'Use a shorter range.'
  throw new DomainError(
    'query_too_large',
    `The range has ${count.toLocaleString('en')} buckets of one ${granularity}, and at most ${BUCKETS_MAX.toLocaleString('en')} are answered. ${advice}`,
  )
}

function tableOf(zone: string, { fromDay, toDay }: Period): ZoneTable {
  return getZoneTable(zone, fromDay * DAY_MS, toDay * DAY_MS)
}

function cut(table: ZoneTable, period: Period, granularity: Granularity, weekStart: number, now: number): number[] {
  if (granularity !== 'hour') return toInstants(table, cutDays(period, granularity, weekStart))
  const from = startOfDay(table, period.fromDay)
  const to = startOfDay(table, period.toDay)
  const starts = hourStarts(table, from, to)
  if (!period.endsNow) return [from, ...starts, to]
  const end = starts.find((start) => start > now) ?? to
  return [from, ...starts.filter((start) => start < end), end]
}

/** The dates on which buckets begin, and the date after the last. */
function cutDays({ fromDay, toDay }: Period, granularity: Granularity, weekStart: number): number[] {
  const starts = [fromDay]
  if (granularity === 'day') for (let day = fromDay + 1; day < toDay; day++) starts.push(day)
  if (granularity === 'week')
    for (let day = startOfWeek(fromDay, weekStart) + 7; day < toDay; day += 7) starts.push(day)
  if (granularity === 'month') {
    for (let month = monthOfDay(fromDay) + 1; startOfUtcMonth(month) < toDay; month++)
      starts.push(startOfUtcMonth(month))
  }
  return [...starts, toDay]
}

/** Dates that a zone skipped begin where the next one does: they are no bucket. */
function toInstants(table: ZoneTable, edgeDays: readonly number[]): number[] {
  const instants = edgeDays.map((day) => startOfDay(table, day))
  return instants.filter((instant, i) => i === 0 || instant !== instants[i - 1])
}

function ends(edges: readonly number[]): { from: number; to: number } {
  return { from: edges[0] as number, to: edges.at(-1) as number }
}

/**
 * From words to instants: ranges and bucket edges in a zone. Pure; the service hands in the clock's time.
 * Days are counted as integers (0 = 1970-01-01) and turned into instants by zone.ts alone.
 */
import { DomainError } from '../kernel/errors'
import { isZone } from '../product/schema'
import {
  type CalendarRules,
  countBuckets,
  cutPeriod,
  type Period,
  type Step,
  startOfMonths,
  startOfWeek,
  tableOf,
} from './edges'
import {
  BUCKETS_MAX,
  GRANULARITIES,
  type Granularity,
  type InstantRange,
  type QueryRange,
  type RangePreset,
} from './schema'
import {
  clockStarts,
  DAY_MS,
  dayAt,
  getZoneTable,
  HOUR_MS,
  monthOfDay,
  parseDay,
  startOfUtcMonth,
  weekdayOfDay,
} from './zone'

export { resolveComparison } from './comparison'

export interface RangeRequest extends CalendarRules {
  range: QueryRange | InstantRange
  granularity: Granularity | 'auto'
  /** Epoch ms. */
  now: number
  /** Where the preset `all` begins, epoch ms; null when there is no point yet. */
  firstPointAt: number | null
  /** BUCKETS_MAX when absent. */
  bucketsMax?: number
}

export interface Buckets {
  granularity: Granularity
  /** Half-open `[from, to)`, epoch ms. `from` and `to` are the first and the last edge. */
  from: number
  to: number
  /** Strictly ascending; one more than there are buckets. Buckets that the range cuts are shorter. */
  edges: number[]
}

export interface ResolvedRange extends Buckets, CalendarRules {
  period: Period
}

/** `auto` takes the finest granularity with at most this many buckets: 4 days of hours, a quarter of days. */
export const AUTO_BUCKETS_MAX = 100
/** Most apps push by the hour: quarters of one are for ranges shorter than a day. */
const AUTO_QUARTER_HOURS_MAX = 48

/** Further away there are no points, the zones have no rules, and PostgreSQL and JavaScript write years differently. */
const DATE_MIN = '1900-01-01'
const DATE_MAX = '2999-12-31'

/** Resolves a range into buckets. Throws `invalid_zone`, and `query_too_large` naming the granularity that would fit. */
export function resolveRange(request: RangeRequest): ResolvedRange {
  const { zone, weekStart, fiscalYearStart, now } = request
  if (!isZone(zone))
    throw new DomainError('invalid_zone', `"${zone}" is not a time zone. Use an IANA name such as Europe/Berlin.`)
  const period = toPeriod(request, dayAt(getZoneTable(zone, now, now), now))
  const granularity = request.granularity === 'auto' ? chooseGranularity(period) : request.granularity
  assertBuckets(period, granularity, request.bucketsMax ?? BUCKETS_MAX)
  const rules = { zone, weekStart, fiscalYearStart }
  const edges = cutPeriod(tableOf(zone, period), period, granularity, rules, now)
  return { granularity, ...rules, period, from: edges[0] as number, to: edges.at(-1) as number, edges }
}

function toPeriod(request: RangeRequest, today: number): Period {
  const { range, weekStart, zone } = request
  if ('preset' in range) return presetPeriod(range.preset, today, request)
  if ('start' in range) return instantPeriod(zone, Date.parse(range.start), Date.parse(range.end))
  if (range.from < DATE_MIN || range.to > DATE_MAX) throw outOfDates()
  const fromDay = parseDay(range.from)
  const toDay = parseDay(range.to) + 1
  const isWeeks = (toDay - fromDay) % 7 === 0 && weekdayOfDay(fromDay) === weekStart
  const step = isWeeks ? days(fromDay - toDay) : wholeMonths(fromDay, toDay)
  return { fromDay, toDay, clip: null, endsNow: false, step }
}

const outOfDates = () => new DomainError('invalid_request', `Dates from ${DATE_MIN} to ${DATE_MAX} are answered.`)

function instantPeriod(zone: string, from: number, to: number): Period {
  if (from < Date.parse(DATE_MIN) || to > Date.parse(DATE_MAX) + DAY_MS) throw outOfDates()
  const table = getZoneTable(zone, from, to)
  const step: Step = { unit: 'ms', count: from - to }
  return { fromDay: dayAt(table, from), toDay: dayAt(table, to - 1) + 1, clip: { from, to }, step, endsNow: false }
}

/** So many of the clock's minutes or hours, the current one being the last. */
function lastOfClock({ zone, now }: RangeRequest, sizeMs: number, count: number): Period {
  const [to = now + sizeMs] = clockStarts(getZoneTable(zone, now, now), now, now + 2 * sizeMs, sizeMs)
  return instantPeriod(zone, to - count * sizeMs, to)
}

function presetPeriod(preset: RangePreset, today: number, request: RangeRequest): Period {
  const { weekStart, fiscalYearStart } = request
  const month = monthOfDay(today)
  const monday = startOfWeek(today, weekStart)
  const quarter = startOfMonths(month, 3, fiscalYearStart)
  const year = startOfMonths(month, 12, fiscalYearStart)
  const toDate = (fromDay: number, step: Step | null): Period => period(fromDay, today + 1, step, true)
  const sinceMonth = (first: number, count: number) => toDate(startOfUtcMonth(first), months(-count))
  const pastMonths = (first: number, count: number) =>
    period(startOfUtcMonth(first), startOfUtcMonth(first + count), months(-count), false)
  switch (preset) {
    case '60m':
      return lastOfClock(request, 60_000, 60)
    case '24h':
      return lastOfClock(request, HOUR_MS, 24)
    case 'today':
      return toDate(today, days(-1))
    case 'yesterday':
      return period(today - 1, today, days(-1), false)
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
      return period(monday - 7, monday, days(-7), false)
    case 'month':
      return sinceMonth(month, 1)
    case 'last_month':
      return pastMonths(month - 1, 1)
    case 'quarter':
      return sinceMonth(quarter, 3)
    case 'last_quarter':
      return pastMonths(quarter - 3, 3)
    case 'year':
      return sinceMonth(year, 12)
    case 'last_year':
      return pastMonths(year - 12, 12)
    case 'all':
      return toDate(firstDay(request, today), null)
  }
}

const period = (fromDay: number, toDay: number, step: Step | null, endsNow: boolean): Period => ({
  fromDay,
  toDay,
  clip: null,
  step,
  endsNow,
})

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

function chooseGranularity(period: Period): Granularity {
  const candidates = GRANULARITIES.filter((granularity) => {
    // Weeks fit into days and not into months: a year is drawn as twelve months, not as 53 pieces of weeks.
    if (granularity === 'week' && period.step?.unit === 'month') return false
    const most = granularity === 'quarter_hour' ? AUTO_QUARTER_HOURS_MAX : AUTO_BUCKETS_MAX
    return countBuckets(period, granularity) <= most
  })
  return candidates[0] ?? 'year'
}

function assertBuckets(period: Period, granularity: Granularity, bucketsMax: number): void {
  const count = countBuckets(period, granularity)
  if (count <= bucketsMax) return
  const fits = GRANULARITIES.find((one) => countBuckets(period, one) <= bucketsMax)
  const advice = fits ? `Use "${fits}", or a shorter range.` : 'Use a shorter range.'
  throw new DomainError(
    'query_too_large',
    `The range has ${count.toLocaleString('en')} buckets of one ${granularity.replace('_', ' ')}, and at most ${bucketsMax.toLocaleString('en')} are answered. ${advice}`,
  )
}

import { formatMoment, type LabelStyle, ROW_STYLE, type ZonedParts, zonedParts } from './calendar'
import type { Granularity, Tick } from './types'

interface Moment extends ZonedParts {
  index: number
  at: number
  /** Days since 1970 on the wall calendar, so that strides do not shift when the window slides. */
  dayNumber: number
  isFirstOfDay: boolean
  isFirstOfMonth: boolean
  isFirstOfYear: boolean
}

interface Candidate {
  picks: (moment: Moment) => boolean
  style: (moment: Moment) => LabelStyle
}

const MONDAY_OFFSET = 3 // 1 January 1970 was a Thursday.

function momentsOf(starts: readonly number[], zone: string): Moment[] {
  let before: ZonedParts | null = null
  return starts.map((at, index) => {
    const parts = zonedParts(at, zone)
    const dayNumber = Math.floor(Date.UTC(parts.year, parts.month - 1, parts.day) / 86_400_000)
    const isStart = parts.hour === 0 && parts.minute === 0
    const moment: Moment = {
      ...parts,
      index,
      at,
      dayNumber,
      // The first bucket of a date that the range already cuts is no boundary. A day without midnight still has a first bucket.
      isFirstOfDay: before ? before.day !== parts.day || before.month !== parts.month : isStart,
      isFirstOfMonth: before ? before.month !== parts.month : parts.day === 1 && isStart,
      isFirstOfYear: before ? before.year !== parts.year : parts.month === 1 && parts.day === 1 && isStart,
    }
    before = parts
    return moment
  })
}

const constant = (style: LabelStyle) => () => style
const everyMinutes = (count: number): Candidate => ({
  picks: (moment) => moment.minute % count === 0,
  style: (moment) => (moment.hour === 0 && moment.isFirstOfDay ? 'day' : 'time'),
})
const everyHours = (count: number): Candidate => ({
  picks: (moment) => moment.minute === 0 && moment.hour % count === 0,
  style: (moment) => (moment.hour === 0 && moment.isFirstOfDay ? 'day' : 'time'),
})
const everyDays = (count: number, style: LabelStyle = 'day'): Candidate => ({
  picks: (moment) => moment.isFirstOfDay && moment.dayNumber % count === 0,
  style: constant(style),
})
const everyMondays = (count: number): Candidate => ({
  picks: (moment) =>
    moment.isFirstOfDay && moment.weekday === 1 && ((moment.dayNumber + MONDAY_OFFSET) / 7) % count === 0,
  style: constant('day'),
})
const everyWeeks = (count: number): Candidate => ({
  picks: (moment) => Math.floor((moment.dayNumber + MONDAY_OFFSET) / 7) % count === 0,
  style: constant('day'),
})
const everyMonths = (count: number): Candidate => ({
  picks: (moment) => moment.isFirstOfMonth && (moment.month - 1) % count === 0,
  style: constant('month'),
})
const firstOfMonths: Candidate = { picks: (moment) => moment.isFirstOfMonth, style: constant('day') }
const everyYears = (count: number): Candidate => ({
  picks: (moment) => moment.isFirstOfYear && moment.year % count === 0,
  style: constant('year'),
})

const LONG = [
  everyMonths(1),
  everyMonths(2),
  everyMonths(3),
  everyMonths(6),
  everyYears(1),
  everyYears(2),
  everyYears(5),
  everyYears(10),
]

const OF_DAYS = [
  everyHours(1),
  everyHours(2),
  everyHours(3),
  everyHours(4),
  everyHours(6),
  everyHours(12),
  everyDays(1),
  everyMondays(1),
  everyDays(2),
  everyDays(3),
  everyDays(5),
  everyMondays(2),
  ...LONG,
]

/** In order of preference: the boundaries people think in come first, odd strides last. */
const CANDIDATES: Record<Granularity, Candidate[]> = {
  minute: [everyMinutes(1), everyMinutes(5), everyMinutes(10), everyMinutes(15), everyMinutes(30), ...OF_DAYS],
  quarter_hour: [everyMinutes(15), everyMinutes(30), ...OF_DAYS],
  hour: OF_DAYS,
  day: [
    everyDays(1, 'weekday'),
    everyMondays(1),
    firstOfMonths,
    everyMondays(2),
    everyDays(2),
    everyDays(3),
    everyDays(4),
    everyDays(5),
    ...LONG,
  ],
  week: [everyWeeks(1), everyWeeks(2), everyWeeks(3), everyWeeks(4), ...LONG],
  month: LONG,
  quarter: LONG,
  year: LONG,
}

export interface TickBounds {
  min: number
  max: number
}

/** How many labels the two widths carry. */
export const WIDE: TickBounds = { min: 4, max: 7 }
export const NARROW: TickBounds = { min: 3, max: 4 }

function withoutRepeats(ticks: Tick[]): Tick[] {
  return ticks.filter((tick, index) => tick.label !== ticks[index - 1]?.label)
}

/**
 * Ticks of a time axis: bucket indices on calendar boundaries of the zone. The first candidate whose count lies in the
 * bounds wins; when none does (very short or odd ranges) the one with the most ticks that still fit.
 */
export function timeTicks(
  starts: readonly number[],
  granularity: Granularity,
  zone: string,
  locale: string,
  bounds: TickBounds = WIDE,
): Tick[] {
  return pickTicks(momentsOf(starts, zone), granularity, zone, locale, bounds)
}

/** The ticks of both widths. Reading the calendar is what costs, so it is read once. */
export function timeTickSets(
  starts: readonly number[],
  granularity: Granularity,
  zone: string,
  locale: string,
): { wide: Tick[]; narrow: Tick[] } {
  const moments = momentsOf(starts, zone)
  const pick = (bounds: TickBounds) => pickTicks(moments, granularity, zone, locale, bounds)
  return { wide: pick(WIDE), narrow: pick(NARROW) }
}

function pickTicks(
  moments: readonly Moment[],
  granularity: Granularity,
  zone: string,
  locale: string,
  bounds: TickBounds,
): Tick[] {
  let best: Tick[] = []
  for (const candidate of CANDIDATES[granularity]) {
    const picked = moments.filter(candidate.picks)
    if (picked.length > bounds.max || picked.length <= best.length) continue
    best = withoutRepeats(
      picked.map((moment) => ({
        at: moment.index,
        label: formatMoment(moment.at, candidate.style(moment), zone, locale),
      })),
    )
    if (best.length >= bounds.min) return best
  }
  if (best.length >= 2 || moments.length === 0) return best
  // Fewer than two boundaries in sight: an even stride over the buckets still tells where the range lies.
  const stride = Math.ceil(moments.length / bounds.max)
  const style = ROW_STYLE[granularity]
  return withoutRepeats(
    moments
      .filter((moment) => moment.index % stride === 0)
      .map((moment) => ({ at: moment.index, label: formatMoment(moment.at, style, zone, locale) })),
  )
}

/**
 * A first dashboard from the metrics that arrived: numbers on top, the most telling one over time, its parts by the
 * best tag, a table. Pure; it guesses from names, units and tags, and everything it guesses can be changed in the editor.
 */
import type { Aggregation } from '../metric/schema'
import { guessFormat, TROUBLE } from './format'
import type { Widget, Widgets } from './schema'
import { GRID_COLUMNS } from './widgets/grid'
import { WIDGET_TYPES, type WidgetType } from './widgets/index'

export interface ProposalMetric {
  name: string
  unit: string | null
  defaultAggregation: Aggregation
  tags: readonly { tag: string; valueCount: number }[]
}

type Shape = 'count' | 'gauge'
type Candidate = ProposalMetric & { shape: Shape; score: number }
type Draft = { type: WidgetType; title: string; metric: Candidate; groupBy: string | null; w: number }

const TILES_MAX = 4
/** A stack of more parts is a rainbow; a table of more rows is a list. */
const BAR_VALUES_MAX = 8
const TABLE_VALUES_MAX = 200

const MONEY = /(^|[._\s-])(revenue|mrr|arr|sales|income|turnover|gmv)([._\s-]|$)/i
const GROWTH =
  /(signup|sign_up|order|subscription|purchase|checkout|conversion|customer|user|visit|session|download|lead)/i
/** Names of what is measured and not counted: adding two readings up means nothing. */
const LEVEL =
  /(duration|latency|time|seconds|minutes|_ms$|_s$|rate|ratio|percent|usage|utili[sz]ation|temperature|load|score|balance|mrr|arr|active|online|stock|queue|size|memory|cpu)/i

/** Empty when there is nothing to show yet. `newId` names the widgets. */
export function proposeWidgets(metrics: readonly ProposalMetric[], newId: () => string): Widgets {
  const ranked = metrics.map(toCandidate).sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
  const main = ranked[0]
  if (!main) return []
  const rows = [tileRow(ranked), trendRow(ranked, main), detailRow(ranked, main)]
  return layOut(
    rows.filter((row) => row.length > 0),
    newId,
  )
}

function toCandidate(metric: ProposalMetric): Candidate {
  const shape = guessShape(metric)
  const score =
    (MONEY.test(metric.name) ? 4 : 0) +
    (GROWTH.test(metric.name) ? 2 : 0) +
    (TROUBLE.test(metric.name) ? -1 : 0) +
    (shape === 'count' ? 1 : 0) +
    (metric.tags.some((tag) => tag.valueCount > 1) ? 1 : 0)
  return { ...metric, shape, score }
}

/** The owner's choice counts; `sum` is the default that nobody has chosen, so there the name and the unit decide. */
export function guessShape(metric: Pick<ProposalMetric, 'name' | 'unit' | 'defaultAggregation'>): Shape {
  if (metric.defaultAggregation !== 'sum') return metric.defaultAggregation === 'count' ? 'count' : 'gauge'
  const unit = (metric.unit ?? '').toLowerCase()
  return LEVEL.test(metric.name) || ['%', 'percent', 'ms', 's', 'min', '°c'].includes(unit) ? 'gauge' : 'count'
}

function tileRow(ranked: readonly Candidate[]): Draft[] {
  const shown = ranked.slice(0, TILES_MAX)
  return shown.map((metric) => ({
    type: 'number',
    title: humanName(metric.name),
    metric,
    groupBy: null,
    w: GRID_COLUMNS / shown.length,
  }))
}

function trendRow(ranked: readonly Candidate[], main: Candidate): Draft[] {
  const line: Draft = {
    type: 'line',
    title: `${humanName(main.name)} over time`,
    metric: main,
    groupBy: null,
    w: GRID_COLUMNS,
  }
  const stacked = bestSplit(ranked, BAR_VALUES_MAX)
  if (!stacked) return [line]
  const { metric, tag } = stacked
  return [
    { ...line, w: 8 },
    { type: 'bar', title: `${humanName(metric.name)} by ${humanName(tag).toLowerCase()}`, metric, groupBy: tag, w: 4 },
  ]
}

function detailRow(ranked: readonly Candidate[], main: Candidate): Draft[] {
  const used = bestSplit(ranked, BAR_VALUES_MAX)
  const listed = bestSplit(ranked, TABLE_VALUES_MAX, used?.tag) ?? used
  const second = ranked.find((metric) => metric !== main)
  const drafts: Draft[] = []
  if (listed) {
    const { metric, tag } = listed
    drafts.push({
      type: 'table',
      title: `${humanName(metric.name)} by ${humanName(tag).toLowerCase()}`,
      metric,
      groupBy: tag,
      w: 6,
    })
  }
  if (second)
    drafts.push({ type: 'line', title: `${humanName(second.name)} over time`, metric: second, groupBy: null, w: 6 })
  return drafts.length === 1 ? drafts.map((draft) => ({ ...draft, w: GRID_COLUMNS })) : drafts
}

/** The best metric and tag to split by: counts first, because only their parts add up; four parts read best. */
function bestSplit(ranked: readonly Candidate[], valuesMax: number, exceptTag?: string) {
  const splits = ranked.flatMap((metric) =>
    metric.tags
      .filter(({ tag, valueCount }) => tag !== exceptTag && valueCount >= 2 && valueCount <= valuesMax)
      .map(({ tag, valueCount }) => ({ metric, tag, distance: Math.abs(valueCount - 4) })),
  )
  const rank = (split: (typeof splits)[number]) =>
    (split.metric.shape === 'count' ? 100 : 0) + split.metric.score * 10 - split.distance
  return splits.sort((a, b) => rank(b) - rank(a) || (a.tag < b.tag ? -1 : 1))[0] ?? null
}

/** Rows from the top, each as high as its highest widget: nothing overlaps and no gap is left between rows. */
function layOut(rows: readonly Draft[][], newId: () => string): Widgets {
  const widgets: Widgets = []
  let y = 0
  for (const row of rows) {
    const h = Math.max(...row.map((draft) => WIDGET_TYPES[draft.type].size.h))
    let x = 0
    for (const draft of row) {
      widgets.push(toWidget(draft, newId(), { x, y, w: draft.w, h }))
      x += draft.w
    }
    y += h
  }
  return widgets
}

function toWidget(draft: Draft, id: string, layout: Widget['layout']): Widget {
  const { metric, groupBy, type, title } = draft
  const base = {
    id,
    title: fitTitle(title),
    layout,
    metric: metric.name,
    aggregation: aggregationOf(metric),
    filters: [],
    format: guessFormat(metric),
  }
  return type === 'number' ? { type, ...base } : { type, ...base, groupBy }
}

/** Metric names may be longer than titles; half of a surrogate pair is no text. */
const fitTitle = (title: string) =>
  title
    .slice(0, 80)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim()

const aggregationOf = (metric: Candidate): Aggregation =>
  metric.defaultAggregation === 'sum' && metric.shape === 'gauge' ? 'avg' : metric.defaultAggregation

/** `checkout.completed` and `first_reply-minutes` as people write them. */
export function humanName(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[\p{Cc}\p{Cs}]/gu, ' ')
    .replace(/[._:/-]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
  const [first = ''] = words
  return words === '' ? 'Metric' : first.toUpperCase() + words.slice(first.length)
}

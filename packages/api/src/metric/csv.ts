/** Answers as CSV (RFC 4180): a row for each bucket of each series. Pure. */
import type { QueryResult, QuerySeries } from './schema'
import { getZoneTable, offsetAt, type ZoneTable } from './zone'

const LINE_END = '\r\n'
/** What spreadsheets take for a formula; a cell that begins so is text with an apostrophe in front (OWASP). */
const FORMULA = /^[=+\-@\t\r]/

/** Text as a cell that no spreadsheet runs. */
export function toTextCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}

const toNumberCell = (value: number | null) => (value === null ? '' : String(value))

/**
 * Columns: `query` (its place, from 0), `metric`, `aggregation`, `period` (`current` or `compared`), `series`, one
 * `tag.…` for each tag that anything is grouped by, `from` and `to` (ISO 8601 with the offset of the query's zone) and
 * `value`, which is empty where nothing was measured.
 */
export function toCsv(results: readonly QueryResult[]): string {
  const all = results.flatMap((result) => [...result.series, ...(result.compare?.series ?? [])])
  const tags = [...new Set(all.flatMap((series) => Object.keys(series.tags)))].sort()
  const head = [
    'query',
    'metric',
    'aggregation',
    'period',
    'series',
    ...tags.map((tag) => `tag.${tag}`),
    'from',
    'to',
    'value',
  ]
  const lines = [head.map(toTextCell).join(',')]
  results.forEach((result, place) => {
    const asked = [String(place), toTextCell(result.metric), result.aggregation ?? 'formula']
    addRows(lines, [...asked, 'current'], result.series, result.edges, tags, result.zone)
    const { compare } = result
    if (compare) addRows(lines, [...asked, 'compared'], compare.series, compare.edges, tags, result.zone)
  })
  return lines.join(LINE_END) + LINE_END
}

function addRows(
  lines: string[],
  asked: readonly string[],
  series: readonly QuerySeries[],
  edges: readonly number[],
  tags: readonly string[],
  zone: string,
): void {
  const table = getZoneTable(zone, edges[0] ?? 0, edges.at(-1) ?? 0)
  const moments = edges.map((edge) => toLocalIso(table, edge))
  for (const one of series) {
    const cells = [...asked, toTextCell(one.label), ...tags.map((tag) => toTextCell(one.tags[tag] ?? ''))]
    const start = cells.join(',')
    one.points.forEach(([, value], i) => {
      lines.push(`${start},${moments[i]},${moments[i + 1]},${toNumberCell(value)}`)
    })
  }
}

/** `2026-03-29T03:00:00+02:00`. */
function toLocalIso(table: ZoneTable, ms: number): string {
  const offset = offsetAt(table, ms)
  const minutes = Math.round(Math.abs(offset) / 60_000)
  const pad = (value: number) => String(value).padStart(2, '0')
  const sign = offset < 0 ? '-' : '+'
  const local = new Date(ms + offset).toISOString()
  const seconds = local.endsWith('.000Z') ? local.slice(0, 19) : local.slice(0, 23)
  return `${seconds}${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
}

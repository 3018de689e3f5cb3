import type { PreparedChart } from '@trackable/ui/charts'

/** Selects the marks that carry values, per kind. */
const MARKS: Record<PreparedChart['kind'], string> = {
  line: '.recharts-line-curve[d], .chart-dots circle',
  bar: '.recharts-bar-rectangle rect',
  number: 'text',
  table: 'text',
}

/**
 * Says what is missing from a picture, or null when it shows what it should. A blank chart is never sent: a library that
 * lays out in effects fails by drawing nothing, and nothing looks like a quiet week.
 */
export function findBlank(svg: Element, prepared: PreparedChart): string | null {
  const texts = [...svg.querySelectorAll('text')].filter((text) => (text.textContent ?? '').trim() !== '')
  if (texts.length === 0) return 'the picture has no text'
  if (prepared.emptyText !== null) return null
  if (svg.querySelectorAll(MARKS[prepared.kind]).length === 0) return 'the picture has no marks'
  const isPlot = prepared.kind === 'line' || prepared.kind === 'bar'
  if (isPlot && svg.querySelectorAll('.recharts-cartesian-axis-tick-label text').length < 2)
    return 'the picture has no axis labels'
  return null
}

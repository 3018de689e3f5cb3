import type { ChartTheme } from './colors'
import { slotColor } from './colors'
import { delta } from './delta'
import { formatFull } from './format'
import type { Delta, PreparedBar, PreparedLine, PreparedSeries } from './types'

interface Row {
  series: PreparedSeries
  value: number | null
  previous: number | null
  change: Delta | null
}

const byValue = (a: Row, b: Row) => (b.value ?? Number.NEGATIVE_INFINITY) - (a.value ?? Number.NEGATIVE_INFINITY)

/** Arrow, sign and colour together: colour alone would leave some readers out. */
const ARROW = { up: '\u2191', down: '\u2193', flat: '' } as const

export function DeltaText({ change, theme }: { change: Delta; theme: ChartTheme }) {
  const color = change.tone === 'good' ? theme.good : change.tone === 'bad' ? theme.bad : theme.text3
  return (
    <span style={{ color, fontWeight: 500, whiteSpace: 'nowrap' }}>
      {ARROW[change.direction]}
      {change.direction === 'flat' ? '' : '\u00a0'}
      {change.text}
    </span>
  )
}

export interface ChartTooltipProps {
  prepared: PreparedLine | PreparedBar
  index: number
  theme: ChartTheme
  /** What the plot leaves for it; a narrow one tells the change without the number before. */
  width: number
}

const PREVIOUS_FROM_WIDTH = 320

/** What a bucket holds: its name, every series from high to low, and how each compares with the previous period. */
export function ChartTooltip({ prepared, index, theme, width }: ChartTooltipProps) {
  const bucket = prepared.buckets[index]
  if (!bucket) return null
  const { format, locale } = prepared
  const isCompared = bucket.compareTitle !== null
  const isWide = width >= PREVIOUS_FROM_WIDTH
  const rows = prepared.series
    .map<Row>((series) => {
      const value = series.values[index] ?? null
      const previous = series.previous[index] ?? null
      return { series, value, previous, change: bucket.isUnfinished ? null : delta(value, previous, format, locale) }
    })
    .sort(byValue)
  const text = (value: number | null) => (value === null ? '\u2013' : formatFull(value, format, locale))
  const cell = { padding: '2px 0 2px 16px', textAlign: 'right' as const, whiteSpace: 'nowrap' as const }
  return (
    <div
      role="status"
      aria-live="polite"
      style={{
        background: theme.raised,
        border: `1px solid ${theme.border}`,
        borderRadius: 8,
        boxShadow: '0 1px 2px rgba(16, 22, 36, 0.06), 0 8px 24px rgba(16, 22, 36, 0.12)',
        color: theme.text,
        fontSize: 12,
        fontVariantNumeric: 'tabular-nums',
        lineHeight: 1.5,
        padding: '8px 12px',
        boxSizing: 'border-box',
        maxWidth: width,
      }}
    >
      <div style={{ display: 'flex', justifyContent: 'space-between', gap: 16, marginBottom: 4, whiteSpace: 'nowrap' }}>
        <span style={{ fontWeight: 600 }}>
          {bucket.title}
          {bucket.isUnfinished && <span style={{ color: theme.text3, fontWeight: 400 }}> so far</span>}
        </span>
        {isCompared && <span style={{ color: theme.text3 }}>vs {bucket.compareTitle}</span>}
      </div>
      <table style={{ borderCollapse: 'collapse', width: '100%' }}>
        <tbody>
          {rows.map(({ series, value, previous, change }) => (
            <tr key={series.key}>
              <td
                style={{
                  padding: '2px 0',
                  whiteSpace: 'nowrap',
                  maxWidth: width / 2,
                  overflow: 'hidden',
                  textOverflow: 'ellipsis',
                }}
              >
                <span
                  style={{
                    display: 'inline-block',
                    width: 8,
                    height: 8,
                    borderRadius: 2.5,
                    marginRight: 8,
                    background: slotColor(series.slot, theme),
                  }}
                />
                {prepared.series.length === 1 ? prepared.title : series.label}
              </td>
              <td style={{ ...cell, fontWeight: 600 }}>{text(value)}</td>
              {isCompared && isWide && <td style={{ ...cell, color: theme.text3 }}>{text(previous)}</td>}
              {isCompared && <td style={cell}>{change ? <DeltaText change={change} theme={theme} /> : null}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

import { type ChartTheme, chartTheme } from './colors'
import { layoutNumber } from './number-layout'
import { Sparkline } from './sparkline'
import type { ChartProps, Delta, PreparedNumber } from './types'

const ARROW = { up: '\u2191', down: '\u2193', flat: '' } as const

/** Fill and ink of a change: colour comes with an arrow and a sign, never alone. */
export function deltaColors(change: Delta, theme: ChartTheme): { ink: string; fill: string } {
  if (change.tone === 'good') return { ink: theme.good, fill: theme.goodTint }
  if (change.tone === 'bad') return { ink: theme.bad, fill: theme.badTint }
  return { ink: theme.text2, fill: theme.track }
}

export const deltaLabel = (change: Delta) =>
  `${ARROW[change.direction]}${change.direction === 'flat' ? '' : ' '}${change.text}`

function DeltaChip({ change, theme }: { change: Delta; theme: ChartTheme }) {
  const { ink, fill } = deltaColors(change, theme)
  return (
    <span
      style={{
        background: fill,
        color: ink,
        borderRadius: 6,
        padding: '1px 6px',
        fontSize: 12,
        fontWeight: 500,
        whiteSpace: 'nowrap',
      }}
    >
      {deltaLabel(change)}
    </span>
  )
}

/** The content of a number tile under its label: hero number, sparkline, change against the previous period. */
export function NumberChart({ prepared, width, height, theme: name }: ChartProps<PreparedNumber>) {
  const theme = chartTheme(name)
  const { fontSize, spark } = layoutNumber(prepared, width, height)
  const isStale = prepared.staleText !== null
  const muted = isStale || prepared.value === null
  return (
    <div
      role="img"
      aria-label={prepared.summary}
      style={{
        width,
        height,
        display: 'flex',
        flexDirection: 'column',
        gap: 4,
        overflow: 'hidden',
        fontVariantNumeric: 'tabular-nums',
      }}
    >
      <div style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 16 }}>
        <span
          title={prepared.fullText}
          style={{
            fontSize,
            fontWeight: 600,
            lineHeight: 1.2,
            letterSpacing: '-0.01em',
            whiteSpace: 'nowrap',
            color: muted ? theme.text2 : theme.text,
          }}
        >
          {prepared.valueText}
        </span>
        {spark.place === 'side' && (
          <Sparkline prepared={prepared} width={spark.width} height={spark.height} theme={theme} />
        )}
      </div>
      <div
        style={{
          display: 'flex',
          alignItems: 'center',
          gap: 8,
          minHeight: 20,
          fontSize: 12,
          color: theme.text3,
          whiteSpace: 'nowrap',
        }}
      >
        {prepared.delta && <DeltaChip change={prepared.delta} theme={theme} />}
        {/* A narrow tile has no room beside the age of its number. */}
        {prepared.previousText !== null && !(isStale && width < 180) && (
          <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
            {/* Beside the chip of a narrow tile there is room for the number or for the word. */}
            {width < 180 ? prepared.previousText : `from ${prepared.previousText}`}
          </span>
        )}
        {prepared.emptyText !== null && (
          <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{prepared.emptyText}</span>
        )}
        {isStale && <span style={{ color: theme.warn, fontWeight: 500 }}>{prepared.staleText}</span>}
      </div>
      {spark.place === 'below' && (
        <div style={{ marginTop: 'auto' }}>
          <Sparkline prepared={prepared} width={spark.width} height={spark.height} theme={theme} />
        </div>
      )}
    </div>
  )
}

import { chartTheme, slotColor } from './colors'
import { deltaColors, deltaLabel } from './number-chart'
import { EmptyChart } from './plot-parts'
import { fitText, textWidth } from './text-width'
import type { ChartProps, PreparedTable, PreparedTableRow } from './types'

const ROW = 34
const FONT = 13
const GAP = 16

interface Columns {
  changeX: number
  previousX: number
  valueX: number
  barX: number
  barWidth: number
  labelWidth: number
}

/** Right edges of the columns, each as wide as its longest text; the bar takes what is left. */
function columnsOf(prepared: PreparedTable, width: number): Columns {
  const widest = (head: string, read: (row: PreparedTableRow) => string) =>
    Math.max(textWidth(head, 12), ...prepared.rows.map((row) => textWidth(read(row), FONT)))
  const changeX = width
  const previousX = prepared.isCompared
    ? changeX - widest('Change', (row) => (row.delta ? deltaLabel(row.delta) : '')) - GAP
    : width
  const valueX = prepared.isCompared ? previousX - widest('Previous', (row) => row.previousText) - GAP : width
  const barEnd = valueX - widest(prepared.valueHead, (row) => row.valueText) - GAP
  const labelWidth = Math.min(
    width * 0.4,
    widest(prepared.labelHead, (row) => row.label),
  )
  const barX = labelWidth + GAP
  return { changeX, previousX, valueX, barX, barWidth: Math.max(0, barEnd - barX), labelWidth }
}

/** How many rows a picture of this height holds. */
export const rowsInHeight = (height: number) => Math.max(1, Math.floor(height / ROW) - 1)

/** A table as one SVG. Rows beyond the height are counted in the last line and not cut in half. */
export function TablePicture({ prepared, width, height, theme: name }: ChartProps<PreparedTable>) {
  const theme = chartTheme(name)
  if (prepared.emptyText !== null)
    return <EmptyChart text={prepared.emptyText} width={width} height={height} theme={theme} />
  const columns = columnsOf(prepared, width)
  const room = rowsInHeight(height)
  const rows = prepared.rows.length > room ? prepared.rows.slice(0, room - 1) : prepared.rows
  const hidden = prepared.rows.length - rows.length
  const head = { fontSize: 12, fill: theme.text3, y: 22 }
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={prepared.summary}>
      <text x={0} {...head}>
        {prepared.labelHead}
      </text>
      <text x={columns.valueX} textAnchor="end" {...head}>
        {prepared.valueHead}
      </text>
      {prepared.isCompared && (
        <>
          <text x={columns.previousX} textAnchor="end" {...head}>
            Previous
          </text>
          <text x={columns.changeX} textAnchor="end" {...head}>
            Change
          </text>
        </>
      )}
      <line x1={0} x2={width} y1={ROW - 0.5} y2={ROW - 0.5} stroke={theme.border} />
      {rows.map((row, index) => {
        const top = ROW * (index + 1)
        const text = { y: top + 22, fontSize: FONT }
        const bar = columns.barWidth * row.share
        return (
          <g key={row.key}>
            <text x={0} fill={theme.text} {...text}>
              {fitText(row.label, FONT, columns.labelWidth)}
            </text>
            <rect
              x={columns.barX + columns.barWidth - bar}
              y={top + 13}
              width={bar}
              height={8}
              rx={2}
              fill={row.slot === null ? theme.series[0] : slotColor(row.slot, theme)}
              fillOpacity={row.isUnfinished ? 0.45 : 0.85}
            />
            <text x={columns.valueX} textAnchor="end" fontWeight={500} fill={theme.text} {...text}>
              {row.valueText}
            </text>
            {prepared.isCompared && (
              <text x={columns.previousX} textAnchor="end" fill={theme.text3} {...text}>
                {row.previousText}
              </text>
            )}
            {row.delta && (
              <text
                x={columns.changeX}
                textAnchor="end"
                fontWeight={500}
                fill={deltaColors(row.delta, theme).ink}
                {...text}
              >
                {deltaLabel(row.delta)}
              </text>
            )}
            <line x1={0} x2={width} y1={top + ROW - 0.5} y2={top + ROW - 0.5} stroke={theme.border} />
          </g>
        )
      })}
      {hidden > 0 && (
        <text x={0} y={ROW * (rows.length + 1) + 22} fontSize={12} fill={theme.text3}>
          {`and ${hidden} more`}
        </text>
      )}
    </svg>
  )
}

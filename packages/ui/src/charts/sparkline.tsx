import { type ChartTheme, slotColor } from './colors'
import type { PreparedNumber } from './types'

interface SparklineProps {
  prepared: Pick<PreparedNumber, 'spark' | 'slot' | 'unfinishedIndex' | 'staleText'>
  width: number
  height: number
  theme: ChartTheme
  /** Where it starts when it is part of a larger picture. */
  x?: number
  y?: number
}

interface Point {
  x: number
  y: number
  index: number
}

const INSET = 4

function pointsOf(values: readonly (number | null)[], width: number, height: number): Point[] {
  const known = values.filter((value) => value !== null)
  const low = Math.min(...known)
  const range = Math.max(...known) - low
  const step = (width - 2 * INSET) / Math.max(1, values.length - 1)
  return values.flatMap((value, index) =>
    value === null
      ? []
      : [
          {
            index,
            x: INSET + index * step,
            y: range === 0 ? height / 2 : height - INSET - ((value - low) / range) * (height - 2 * INSET),
          },
        ],
  )
}

const round = (value: number) => Math.round(value * 100) / 100

/** A missing bucket lifts the pen. */
function pathOf(points: readonly Point[]): string {
  return points
    .map((point, at) => `${points[at - 1]?.index === point.index - 1 ? 'L' : 'M'}${round(point.x)},${round(point.y)}`)
    .join('')
}

/** The shape of a number over its range: no axes, the unfinished end dotted and hollow. Plain SVG, so a tile needs no chart library. */
export function Sparkline({ prepared, width, height, theme, x = 0, y = 0 }: SparklineProps) {
  const points = pointsOf(prepared.spark, width, height)
  const end = points.at(-1)
  if (!end || points.length < 2) return null
  const open = prepared.unfinishedIndex
  const isOpen = open !== null && end.index >= open
  const color = slotColor(prepared.slot, theme)
  const endColor = prepared.staleText === null ? color : theme.compare
  const isHollow = isOpen || prepared.staleText !== null
  const stroke = {
    fill: 'none',
    stroke: color,
    strokeWidth: 1.5,
    strokeLinejoin: 'round',
    strokeLinecap: 'round',
  } as const
  return (
    <svg
      x={x}
      y={y}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      overflow="visible"
    >
      <path d={pathOf(open === null ? points : points.filter((point) => point.index < open))} {...stroke} />
      {isOpen && (
        <path d={pathOf(points.filter((point) => point.index >= open - 1))} {...stroke} strokeDasharray="1.5 3" />
      )}
      <circle
        cx={round(end.x)}
        cy={round(end.y)}
        r={isHollow ? 3 : 2.5}
        fill={isHollow ? theme.card : color}
        stroke={isHollow ? endColor : 'none'}
        strokeWidth={1.5}
      />
    </svg>
  )
}

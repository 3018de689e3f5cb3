import { chartTheme } from './colors'
import { deltaColors, deltaLabel } from './number-chart'
import { Sparkline } from './sparkline'
import { fitText, textWidth } from './text-width'
import type { ChartProps, PreparedNumber } from './types'

const PADDING = 16

/** A number tile as one SVG, label included, for places that take pictures only. */
export function NumberPicture({ prepared, width, height, theme: name }: ChartProps<PreparedNumber>) {
  const theme = chartTheme(name)
  const chip = prepared.delta && { ...deltaColors(prepared.delta, theme), text: deltaLabel(prepared.delta) }
  const chipWidth = chip ? textWidth(chip.text, 12) + 12 : 0
  const valueWidth = textWidth(prepared.valueText, 28) * 1.02
  const sparkWidth = Math.min(96, width - 2 * PADDING - valueWidth - 16)
  const foot = prepared.emptyText ?? (prepared.previousText === null ? '' : `from ${prepared.previousText}`)
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={prepared.summary}>
      <text x={PADDING} y={PADDING + 13} fontSize={13} fontWeight={500} fill={theme.text2}>
        {fitText(prepared.title, 13, width - 2 * PADDING)}
      </text>
      <text
        x={PADDING}
        y={PADDING + 50}
        fontSize={28}
        fontWeight={600}
        fill={prepared.value === null ? theme.text2 : theme.text}
      >
        {prepared.valueText}
      </text>
      {sparkWidth >= 48 && (
        <Sparkline
          prepared={prepared}
          width={sparkWidth}
          height={32}
          theme={theme}
          x={width - PADDING - sparkWidth}
          y={PADDING + 24}
        />
      )}
      {chip && (
        <>
          <rect x={PADDING} y={PADDING + 64} width={chipWidth} height={20} rx={6} fill={chip.fill} />
          <text x={PADDING + 6} y={PADDING + 78} fontSize={12} fontWeight={500} fill={chip.ink}>
            {chip.text}
          </text>
        </>
      )}
      <text x={PADDING + (chip ? chipWidth + 8 : 0)} y={PADDING + 78} fontSize={12} fill={theme.text3}>
        {fitText(foot, 12, width - 2 * PADDING - chipWidth - 8)}
      </text>
    </svg>
  )
}

import { ChartTable } from './chart-table'
import type { PreparedChart, ThemeName } from './types'
import { useSize } from './use-size'
import { WidgetChart } from './widget-chart'

export interface ResponsiveChartProps {
  prepared: PreparedChart
  theme: ThemeName
  interactive?: boolean
  /** `table` shows the same data as a table, for those who cannot read the picture or want the figures. */
  view?: 'chart' | 'table'
}

/** A chart that fills its parent. The parent gives the height (a grid cell, a fixed box); the chart never asks for one. */
export function ResponsiveChart({ prepared, theme, interactive = true, view = 'chart' }: ResponsiveChartProps) {
  const [ref, size] = useSize<HTMLDivElement>()
  return (
    <div
      ref={ref}
      data-view={view}
      style={{ position: 'relative', width: '100%', height: '100%', minWidth: 0, minHeight: 0 }}
    >
      {/* Absolute, so that the drawing of the last size can never hold its parent open. */}
      <div style={{ position: 'absolute', inset: 0 }}>
        {view === 'table' ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll without a mouse
          <section tabIndex={0} aria-label={`${prepared.title}, table`} style={{ height: '100%', overflow: 'auto' }}>
            <ChartTable prepared={prepared} theme={theme} />
          </section>
        ) : (
          size &&
          size.width > 0 &&
          size.height > 0 && <WidgetChart prepared={prepared} theme={theme} interactive={interactive} {...size} />
        )}
      </div>
    </div>
  )
}

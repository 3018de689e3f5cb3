/** The pure half of the chart layer: no React, no DOM. Components are imported one by one (`@trackable/ui/charts/widget-chart`). */
export { prepareChart } from './prepare'
export type * from './types'

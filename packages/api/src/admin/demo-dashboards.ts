/** The demo's finished dashboards, laid out by hand. */
import type { CreateDashboard, Widgets } from '../dashboard/schema'
import type { ReportSchedule } from '../report/schema'

export interface DemoDashboard {
  product: string
  dashboard: Omit<CreateDashboard, 'productId'>
}

const eur = { unit: 'currency', currency: 'EUR', decimals: 0, lowerIsBetter: false } as const
const plain = { unit: 'none', lowerIsBetter: false } as const
const minutes = { unit: 'custom', suffix: 'min', decimals: 0, lowerIsBetter: true } as const
const trouble = { unit: 'none', lowerIsBetter: true } as const
const view: CreateDashboard['view'] = { range: { preset: '30d' }, granularity: 'auto', compare: true }

const growth: Widgets = [
  {
    id: 'wdg_demo_revenue',
    type: 'number',
    title: 'Revenue',
    layout: { x: 0, y: 0, w: 3, h: 3 },
    metric: 'revenue',
    aggregation: 'sum',
    filters: [],
    format: eur,
  },
  {
    id: 'wdg_demo_subscriptions',
    type: 'number',
    title: 'New subscriptions',
    layout: { x: 3, y: 0, w: 3, h: 3 },
    metric: 'subscriptions.new',
    aggregation: 'sum',
    filters: [],
    format: plain,
  },
  {
    id: 'wdg_demo_signups',
    type: 'number',
    title: 'Signups',
    layout: { x: 6, y: 0, w: 3, h: 3 },
    metric: 'signups',
    aggregation: 'sum',
    filters: [],
    format: plain,
  },
  {
    id: 'wdg_demo_reply',
    type: 'number',
    title: 'First reply',
    layout: { x: 9, y: 0, w: 3, h: 3 },
    metric: 'first_reply',
    aggregation: 'avg',
    filters: [],
    format: minutes,
  },
  {
    id: 'wdg_demo_revenue_days',
    type: 'line',
    title: 'Revenue over time',
    layout: { x: 0, y: 3, w: 8, h: 7 },
    metric: 'revenue',
    aggregation: 'sum',
    groupBy: null,
    filters: [],
    format: eur,
  },
  {
    id: 'wdg_demo_plans',
    type: 'bar',
    title: 'New subscriptions by plan',
    layout: { x: 8, y: 3, w: 4, h: 7 },
    metric: 'subscriptions.new',
    aggregation: 'sum',
    groupBy: 'plan',
    filters: [],
    format: plain,
  },
  {
    id: 'wdg_demo_markets',
    type: 'table',
    title: 'Markets',
    layout: { x: 0, y: 10, w: 6, h: 7 },
    metric: 'revenue',
    aggregation: 'sum',
    groupBy: 'country',
    filters: [],
    format: eur,
  },
  {
    id: 'wdg_demo_errors',
    type: 'bar',
    title: 'Errors by service',
    layout: { x: 6, y: 10, w: 6, h: 7 },
    metric: 'errors',
    aggregation: 'sum',
    groupBy: 'service',
    filters: [],
    format: trouble,
  },
]

const orders: Widgets = [
  {
    id: 'wdg_demo_sales',
    type: 'number',
    title: 'Sales',
    layout: { x: 0, y: 0, w: 4, h: 3 },
    metric: 'sales',
    aggregation: 'sum',
    filters: [],
    format: eur,
  },
  {
    id: 'wdg_demo_orders',
    type: 'number',
    title: 'Orders',
    layout: { x: 4, y: 0, w: 4, h: 3 },
    metric: 'orders',
    aggregation: 'sum',
    filters: [],
    format: plain,
  },
  {
    id: 'wdg_demo_delivery',
    type: 'number',
    title: 'Delivery time',
    layout: { x: 8, y: 0, w: 4, h: 3 },
    metric: 'delivery_time',
    aggregation: 'avg',
    filters: [],
    format: { unit: 'custom', suffix: 'days', decimals: 1, lowerIsBetter: true },
  },
  {
    id: 'wdg_demo_order_days',
    type: 'bar',
    title: 'Orders by product',
    layout: { x: 0, y: 3, w: 6, h: 7 },
    metric: 'orders',
    aggregation: 'sum',
    groupBy: 'product',
    filters: [],
    format: plain,
  },
  {
    id: 'wdg_demo_carriers',
    type: 'line',
    title: 'Delivery time by carrier',
    layout: { x: 6, y: 3, w: 6, h: 7 },
    metric: 'delivery_time',
    aggregation: 'avg',
    groupBy: 'carrier',
    filters: [],
    format: { unit: 'custom', suffix: 'days', decimals: 1, lowerIsBetter: true },
  },
  {
    id: 'wdg_demo_sales_countries',
    type: 'table',
    title: 'Sales by country',
    layout: { x: 0, y: 10, w: 6, h: 7 },
    metric: 'sales',
    aggregation: 'sum',
    groupBy: 'country',
    filters: [],
    format: eur,
  },
  {
    id: 'wdg_demo_returns',
    type: 'bar',
    title: 'Returns by reason',
    layout: { x: 6, y: 10, w: 6, h: 7 },
    metric: 'returns',
    aggregation: 'sum',
    groupBy: 'reason',
    filters: [],
    format: trouble,
  },
]

/** Quill mobile has none on purpose: its page shows how a first dashboard is proposed. */
export const DEMO_DASHBOARDS: readonly DemoDashboard[] = [
  { product: 'Quill', dashboard: { name: 'Growth', widgets: growth, view } },
  { product: 'Print shop', dashboard: { name: 'Orders', widgets: orders, view } },
]

export const DEMO_REPORT: { product: string; dashboard: string; name: string; schedule: ReportSchedule } = {
  product: 'Quill',
  dashboard: 'Growth',
  name: 'Weekly growth',
  schedule: { frequency: 'weekly', weekday: 1, hour: 8, minute: 0, zone: 'Europe/Berlin' },
}

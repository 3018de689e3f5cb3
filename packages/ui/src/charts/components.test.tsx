// @vitest-environment jsdom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ChartTable } from './chart-table'
import { ChartTooltip } from './chart-tooltip'
import { chartTheme } from './colors'
import { prepareChart } from './prepare'
import { ResponsiveChart } from './responsive-chart'
import { berlinDays, makeResult, OPTIONS, plansResult, revenueResult } from './testing'
import { WidgetChart } from './widget-chart'

const edges = berlinDays('2026-11-10', 2)
const countries = makeResult({
  edges,
  compareEdges: berlinDays('2026-11-08', 2),
  series: [
    { label: 'Germany', tags: { country: 'DE' }, values: [6, 4], previous: [6, 6] },
    { label: 'Austria', tags: { country: 'AT' }, values: [3, 4], previous: [1, 1] },
    { label: 'France', tags: { country: 'FR' }, values: [null, null], previous: [5, 5] },
  ],
})

let host: HTMLElement
let root: Root

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
      unobserve() {}
    },
  )
  host = document.body.appendChild(document.createElement('div'))
  root = createRoot(host)
})

afterEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  act(() => root.unmount())
  host.remove()
  vi.unstubAllGlobals()
})

const draw = (element: React.ReactNode) => act(async () => root.render(element))
const frame = { width: 480, height: 240, theme: 'light', interactive: true } as const
const firstColumn = () => [...host.querySelectorAll('tbody th')].map((cell) => cell.textContent)
const click = (name: string) =>
  act(async () => [...host.querySelectorAll('button')].find((button) => button.textContent?.startsWith(name))?.click())

describe('table', () => {
  test('every head sorts, says so, and keeps unknown values last', async () => {
    await draw(<WidgetChart prepared={prepareChart('table', countries, OPTIONS)} {...frame} />)
    expect(firstColumn()).toEqual(['Germany', 'Austria', 'France'])
    await click('Change')
    expect(firstColumn()).toEqual(['Austria', 'Germany', 'France'])
    await click('Change')
    expect(firstColumn()).toEqual(['Germany', 'Austria', 'France'])
    expect(host.querySelector('[aria-sort=ascending]')?.textContent).toContain('Change')
    await click('Country')
    expect(firstColumn()).toEqual(['Austria', 'France', 'Germany'])
  })
})

describe('number', () => {
  test('shows value, change and previous value without the chart library', async () => {
    await draw(<WidgetChart prepared={prepareChart('number', revenueResult(), OPTIONS)} {...frame} />)
    expect(host.textContent).toMatch(/^€[\d,]+↑ \+[\d.]+%from €[\d,]+$/)
    expect(host.querySelector('.recharts-wrapper')).toBeNull()
    expect(host.querySelector('[role=img]')?.getAttribute('aria-label')).toContain('against')
  })
})

describe('tooltip', () => {
  test('follows the bucket, lists series from high to low, and compares', async () => {
    await draw(
      <ChartTooltip
        prepared={prepareChart('line', countries, OPTIONS)}
        index={1}
        theme={chartTheme('light')}
        width={640}
      />,
    )
    expect(host.textContent).toContain('Wed 11 Nov')
    expect(host.textContent).toContain('vs Mon 9 Nov')
    const rows = [...host.querySelectorAll('tr')].map((row) => row.textContent?.replaceAll('\u00a0', ' '))
    expect(rows).toEqual(['Germany€4€6↓ −33.3%', 'Austria€4€1↑ +300.0%', 'France–€5'])
  })
})

describe('table view', () => {
  test('holds every bucket of every series and carries the summary as its caption', async () => {
    const prepared = prepareChart('bar', plansResult(), OPTIONS)
    await draw(<ChartTable prepared={prepared} theme="light" />)
    expect(host.querySelectorAll('tbody tr')).toHaveLength(30)
    expect(host.querySelectorAll('thead th')).toHaveLength(4)
    expect(host.querySelector('caption')?.textContent).toBe(prepared.summary)
    expect(firstColumn()[0]).toBe('Fri 20 Nov so far')
  })

  test('a responsive chart of unknown size draws nothing, and its table view needs none', async () => {
    const prepared = prepareChart('table', countries, OPTIONS)
    await draw(<ResponsiveChart prepared={prepared} theme="light" />)
    expect(host.querySelector('table')).toBeNull()
    await draw(<ResponsiveChart prepared={prepared} theme="light" view="table" />)
    expect(host.querySelector('[data-view=table] table')).not.toBeNull()
  })
})

describe('lines and bars', () => {
  test('are one stop for the keyboard, named by their summary', async () => {
    const prepared = prepareChart('line', revenueResult(), OPTIONS)
    // The library updates itself in effects, outside of any act().
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false)
    root.render(<WidgetChart prepared={prepared} {...frame} />)
    await vi.waitFor(() => expect(host.querySelector('svg[role=application]')).not.toBeNull())
    const svg = host.querySelector('svg[role=application]')
    expect(svg?.getAttribute('tabindex')).toBe('0')
    expect(svg?.getAttribute('aria-label')).toBe(prepared.summary)
  })
})

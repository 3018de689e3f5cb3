import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { expect, setUp, test } from './fixture'

/**
 * Data that nobody here made, pushed by the script that ships in examples/, and the numbers on the dashboard compared with
 * numbers computed straight from the files, by other code: decimals as whole numbers, so that this side is exact too.
 */
const EXAMPLE = fileURLToPath(new URL('../../../examples/push-datasets.mjs', import.meta.url))
const FILES = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data')
const SCALE = 10_000n

/** "12.8" is 128000n: no float is involved in adding up. */
function toUnits(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const units = BigInt(whole) * SCALE + BigInt(fraction.padEnd(4, '0').slice(0, 4))
  return text.startsWith('-') ? -units : units
}

const toNumber = (units: bigint) => Number(units) / Number(SCALE)

function column(file: string, index: number, keep: (cells: string[]) => boolean = () => true): string[] {
  const rows = readFileSync(join(FILES, file), 'utf8').trim().split(/\r?\n/).slice(1)
  return rows
    .map((row) => row.split(','))
    .filter(keep)
    .map((cells) => cells[index] ?? '')
}

const sum = (texts: string[]) => toNumber(texts.reduce((total, text) => total + toUnits(text), 0n))
const average = (texts: string[]) => sum(texts) / texts.length
const industries = () =>
  JSON.parse(readFileSync(join(FILES, 'unemployment-across-industries.json'), 'utf8')) as {
    series: string
    count: number
  }[]

interface Tile {
  title: string
  metric: string
  aggregation: string
  filters?: { tag: string; op: 'is' | 'is_not'; values: string[] }[]
  expected: () => number
}

const TILES: Tile[] = [
  {
    title: 'Rain in Seattle',
    metric: 'weather.precipitation',
    aggregation: 'sum',
    expected: () => sum(column('seattle-weather.csv', 1)),
  },
  {
    title: 'Rain on snow days',
    metric: 'weather.precipitation',
    aggregation: 'sum',
    filters: [{ tag: 'weather', op: 'is', values: ['snow'] }],
    expected: () => sum(column('seattle-weather.csv', 1, (cells) => cells[5] === 'snow')),
  },
  {
    title: 'Mean daily maximum',
    metric: 'weather.temperature.max',
    aggregation: 'avg',
    expected: () => average(column('seattle-weather.csv', 2)),
  },
  {
    title: 'Coldest night',
    metric: 'weather.temperature.min',
    aggregation: 'min',
    expected: () => Math.min(...column('seattle-weather.csv', 3).map(Number)),
  },
  {
    title: 'Highest price',
    metric: 'stock.price',
    aggregation: 'max',
    expected: () => Math.max(...column('stocks.csv', 2).map(Number)),
  },
  {
    title: 'Price marks',
    metric: 'stock.price',
    aggregation: 'count',
    expected: () => column('stocks.csv', 2).length,
  },
  {
    title: 'Commits',
    metric: 'github.commits',
    aggregation: 'sum',
    expected: () => sum(column('github.csv', 1)),
  },
  {
    title: 'Jobless outside of government',
    metric: 'unemployment.persons',
    aggregation: 'sum',
    filters: [{ tag: 'industry', op: 'is_not', values: ['Government'] }],
    expected: () => sum(industries().flatMap((r) => (r.series === 'Government' ? [] : [String(r.count)]))),
  },
]

/** What a tile's hover text says: the whole value, grouped, with at least two decimals where it has any. */
async function shownValue(page: Page, title: string): Promise<number> {
  const value = page.getByRole('region', { name: title, exact: true }).locator('span[title]').first()
  await expect(value).toBeVisible()
  const text = (await value.getAttribute('title')) ?? ''
  return Number(text.replaceAll(',', '').replace('\u2212', '-'))
}

test('public data sets pushed over HTTP show the totals that their files hold', async ({ page, server }) => {
  await setUp(page, server)
  await page.getByLabel('Name').fill('Public data')
  await page.getByRole('button', { name: 'Create product' }).click()
  const key = (await page.getByRole('region', { name: 'API key' }).locator('code').textContent()) ?? ''
  const productId = page.url().match(/\/p\/([^/]+)/)?.[1] ?? ''

  const push = () => promisify(execFile)(process.execPath, [EXAMPLE, '--url', server.url, '--key', key])
  expect((await push()).stdout).toContain('{"accepted":10775,"duplicates":0,"rejected":0}')
  await expect(page.getByRole('heading', { name: 'First point received' })).toBeVisible()
  // The same files again: every point is recognised.
  expect((await push()).stdout).toContain('{"accepted":0,"duplicates":10775,"rejected":0}')

  const widgets = TILES.map(({ title, metric, aggregation, filters = [] }, i) => ({
    type: 'number',
    id: `wdg_${i}`,
    title,
    metric,
    aggregation,
    filters,
    layout: { x: (i % 4) * 3, y: Math.floor(i / 4) * 3, w: 3, h: 3 },
  }))
  const created = await page.request.post('/trpc/dashboard.create', {
    headers: { origin: server.url },
    data: { json: { productId, name: 'Public data', widgets, view: { range: { preset: 'all' }, compare: false } } },
  })
  expect(created.status()).toBe(200)
  const { result } = (await created.json()) as { result: { data: { json: { id: string } } } }

  await page.goto(`/p/${productId}/d/${result.data.json.id}`)
  for (const { title, expected } of TILES) {
    const shown = await shownValue(page, title)
    // Hover texts round to what is useful to read; sums of these files have one or two decimals and are shown whole.
    expect(Math.abs(shown - expected()), `${title}: shown ${shown}, in the file ${expected()}`).toBeLessThan(0.005)
  }
})

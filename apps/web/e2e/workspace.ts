import type { APIRequestContext, Page } from '@playwright/test'
import { expect, setUp } from './fixture'
import type { TestServer } from './server'

export const DAY_MS = 86_400_000

export interface Point {
  metric: string
  value: number
  timestamp?: number
  tags?: Record<string, string>
}

export type Push = (points: Point[]) => Promise<void>

/** The first account and a product in UTC that got these points. Leaves the page on its metrics. */
export async function setUpProduct(
  page: Page,
  request: APIRequestContext,
  server: TestServer,
  points: Point[],
): Promise<Push> {
  await setUp(page, server)
  await page.getByLabel('Name').fill('Quill')
  await page.getByRole('button', { name: 'Create product' }).click()
  const key = (await page.getByRole('region', { name: 'API key' }).locator('code').textContent()) ?? ''
  const push: Push = async (more) => {
    const headers = { authorization: `Bearer ${key}` }
    const response = await request.post('/api/v1/ingest', { headers, data: { points: more } })
    expect(await response.json()).toMatchObject({ accepted: more.length, rejected: [] })
  }
  await push(points)
  await expect(page.getByRole('heading', { name: 'First point received' })).toBeVisible()
  await page.getByRole('link', { name: 'Finish later' }).click()
  await expect(page.getByRole('heading', { name: 'Metrics', exact: true })).toBeVisible()
  return push
}

/** From the rail: an empty dashboard of this name, opened. */
export async function createDashboard(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New dashboard for Quill' }).click()
  const dialog = page.getByRole('dialog', { name: 'New dashboard' })
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('radio', { name: /An empty page/ }).check()
  await dialog.getByRole('button', { name: 'Create dashboard' }).click()
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
}

/** Through the editor; resolves when the dashboard is stored. */
export async function addWidget(
  page: Page,
  widget: { type: 'Number' | 'Line' | 'Bar' | 'Table'; metric: string; title: string; groupBy?: string },
): Promise<void> {
  await page.getByRole('button', { name: 'Widget', exact: true }).click()
  const editor = page.getByRole('dialog', { name: 'New widget' })
  await editor.getByRole('radio', { name: widget.type }).check()
  await editor.getByLabel('Metric').click()
  await page.getByRole('option', { name: widget.metric }).click()
  if (widget.groupBy) await editor.getByLabel('Group by').selectOption(widget.groupBy)
  await editor.getByLabel('Title').fill(widget.title)
  await untilStored(page, () => editor.getByRole('button', { name: 'Add widget' }).click())
  await expect(page.getByRole('region', { name: widget.title, exact: true })).toBeVisible()
}

/** Does something that changes the dashboard, and waits for the server to have it. */
export async function untilStored(page: Page, change: () => Promise<unknown>): Promise<void> {
  const stored = page.waitForResponse((response) => response.url().includes('dashboard.update') && response.ok())
  await change()
  await stored
}

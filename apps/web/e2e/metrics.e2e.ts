import type { Page } from '@playwright/test'
import { expectAccessible } from './accessible'
import { expect, test } from './fixture'
import { addWidget, createDashboard, DAY_MS, type Point, setUpProduct } from './workspace'

test.use({ timezoneId: 'UTC', locale: 'en-GB' })

const DAYS = 20

function history(now: number): Point[] {
  return Array.from({ length: DAYS }, (_, ago) => ago).flatMap((ago) => {
    const timestamp = now - ago * DAY_MS
    return [
      { metric: 'sales.total', value: 100, timestamp, tags: { plan: 'Solo', country: 'DE' } },
      { metric: 'sales.total', value: 50, timestamp, tags: { plan: 'Team', country: 'US' } },
      { metric: 'tickets.open', value: 30 + ago, timestamp },
      // Went silent four days ago, which a daily metric does not do.
      ...(ago > 3 ? [{ metric: 'backup.size', value: 7, timestamp }] : []),
    ]
  })
}

const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })
const fact = (page: Page, label: string) =>
  page.getByRole('region', { name: 'Facts' }).locator('div', { has: page.getByText(label, { exact: true }) })

test('a metric is found, edited, renamed, hidden, merged and deleted, and its numbers stay right', async ({
  page,
  server,
  request,
}) => {
  const push = await setUpProduct(page, request, server, history(Date.now()))

  await test.step('the catalogue says how fresh a metric is, and is searched by keys', async () => {
    await page.reload()
    await expect(rowOf(page, 'sales.total')).toContainText('daily')
    await expect(rowOf(page, 'sales.total')).toContainText('plan')
    await expect(rowOf(page, 'backup.size')).toContainText('4 days ago')
    await expect(rowOf(page, 'backup.size')).toContainText('daily expected')
    await expectAccessible(page)
    await page.keyboard.press('/')
    await page.keyboard.type('team')
    // Only its tags say Team.
    await expect(page.getByRole('row')).toHaveCount(2)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'sales.total', level: 1 })).toBeVisible()
  })

  await test.step('its page has the numbers, the facts and the tags', async () => {
    await expect(page.getByRole('region', { name: 'Chart' })).toContainText('3,000')
    await expect(fact(page, 'Points')).toContainText('40')
    await expect(fact(page, 'Series')).toContainText('2')
    await expect(page.getByRole('region', { name: 'Tags' }).first()).toContainText('Solo, Team')
    await page.getByLabel('Group by').selectOption('plan')
    await expect(page.getByRole('region', { name: 'Chart' })).toContainText('Solo')
    await page.getByLabel('Aggregation').selectOption('avg')
    await expect(page).toHaveURL(/agg=avg&group=plan|group=plan&agg=avg/)
    await expect(page.getByRole('region', { name: 'Chart' })).toContainText('75')
    await expectAccessible(page)
    await push([{ metric: 'sales.total', value: 150, tags: { plan: 'Solo', country: 'DE' } }])
    await expect(fact(page, 'Points')).toContainText('41')
  })

  await test.step('what is said of it shows at once, and can be taken back', async () => {
    await page.getByRole('button', { name: 'Edit' }).click()
    const form = page.getByRole('dialog', { name: 'Edit metric' })
    await form.getByLabel('Display name').fill('Revenue')
    await form.getByLabel('Kind').selectOption('count')
    await form.getByLabel(/^Unit(?! of)/).fill('EUR')
    await form.getByLabel('A point arrives every').fill('0')
    await form.getByRole('button', { name: 'Save changes' }).click()
    await expect(form.getByText('Enter a whole number')).toBeVisible()
    await expectAccessible(page)
    await form.getByLabel('A point arrives every').fill('2')
    await form.getByLabel('Unit of time').selectOption('days')
    await form.getByRole('button', { name: 'Save changes' }).click()
    await expect(page.getByRole('heading', { name: 'Revenue', level: 1 })).toBeVisible()
    await expect(fact(page, 'Cadence')).toContainText('every 2 days, declared')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(page.getByRole('heading', { name: 'sales.total', level: 1 })).toBeVisible()
    await expect(fact(page, 'Cadence')).toContainText('learned')
  })

  await test.step('renamed, it keeps its history, its dashboards and its senders', async () => {
    await createDashboard(page, 'Growth')
    await addWidget(page, { type: 'Number', metric: 'sales.total', title: 'Sales' })
    const tile = page.getByRole('region', { name: 'Sales', exact: true })
    await expect(tile).toContainText('3,150')
    await page.getByRole('link', { name: 'Metrics', exact: true }).click()
    await page.getByRole('link', { name: 'sales.total' }).click()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    const dialog = page.getByRole('dialog', { name: 'Rename metric' })
    await dialog.getByLabel('Name').fill('tickets.open')
    await dialog.getByRole('button', { name: 'Rename' }).click()
    await expect(dialog.getByText('There is already a metric')).toBeVisible()
    await dialog.getByLabel('Name').fill('revenue')
    await dialog.getByRole('button', { name: 'Rename' }).click()
    await expect(page.getByRole('heading', { name: 'revenue', level: 1 })).toBeVisible()
    await expect(page).toHaveURL(/metrics\/revenue$/)
    await expect(fact(page, 'Also sent as')).toContainText('sales.total')
    await push([{ metric: 'sales.total', value: 50, tags: { plan: 'Solo', country: 'DE' } }])
    await expect(fact(page, 'Points')).toContainText('42')
    await page.getByRole('region', { name: 'Used in' }).getByRole('link', { name: 'Growth' }).click()
    await expect(tile).toContainText('3,200')
  })

  await test.step('merged into another, both names lead to all points', async () => {
    await page.getByRole('link', { name: 'Metrics', exact: true }).click()
    await page.getByRole('link', { name: 'backup.size' }).click()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Merge into another' }).click()
    const dialog = page.getByRole('dialog', { name: 'Merge backup.size' })
    await dialog.getByLabel('Into').click()
    await page.getByRole('option', { name: 'tickets.open' }).click()
    await expect(dialog.getByText('1 series with 16 points move to tickets.open.')).toBeVisible()
    await expect(dialog.getByRole('button', { name: 'Merge metrics' })).toBeDisabled()
    await dialog.getByLabel('Type backup.size to confirm').fill('backup.size')
    await dialog.getByRole('button', { name: 'Merge metrics' }).click()
    await expect(page.getByRole('heading', { name: 'tickets.open', level: 1 })).toBeVisible()
    await expect(fact(page, 'Points')).toContainText('36')
  })

  await test.step('hidden it leaves the list, deleted it is gone', async () => {
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Hide from lists' }).click()
    await expect(page.getByText('hidden', { exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete tickets.open?' })
    await expect(dialog).toContainText('Points36')
    await expect(dialog.getByRole('button', { name: 'Delete metric' })).toBeDisabled()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Metrics', exact: true }).first().click()
    await expect(page.getByRole('row')).toHaveCount(2)
    await page.getByRole('button', { name: 'Hidden 1' }).click()
    await page.getByRole('link', { name: 'tickets.open' }).click()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await dialog.getByLabel('Type tickets.open to confirm').fill('tickets.open')
    await dialog.getByRole('button', { name: 'Delete metric' }).click()
    await expect(page.getByRole('row')).toHaveCount(2)
    await expect(page.getByRole('button', { name: /^Hidden/ })).toHaveCount(0)
  })
})

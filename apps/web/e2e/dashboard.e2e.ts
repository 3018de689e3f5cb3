import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from './accessible'
import { expect, test } from './fixture'
import { addWidget, createDashboard, DAY_MS, type Point, setUpProduct, untilStored } from './workspace'

test.use({ timezoneId: 'UTC', locale: 'en-GB' })

const DAYS = 20

/** Twenty days back from now: (days ago + 1) × 100 from Europe and 50 from elsewhere, and one signup a day. */
function history(now: number): Point[] {
  return Array.from({ length: DAYS }, (_, ago) => ago).flatMap((ago) => {
    const timestamp = now - ago * DAY_MS
    return [
      { metric: 'revenue', value: (ago + 1) * 100, timestamp, tags: { region: 'EU' } },
      { metric: 'revenue', value: 50, timestamp, tags: { region: 'US' } },
      { metric: 'signups', value: 1, timestamp },
    ]
  })
}

const revenueOf = (days: number) => (days * (days + 1) * 100) / 2 + days * 50
const widget = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true })
const figure = (value: number) => value.toLocaleString('en-GB')

async function placeOf(card: Locator) {
  const box = await card.boundingBox()
  if (!box) throw new Error('The card is not on the page.')
  return box
}

/** Where a card comes to rest: drags and undos move it over 160 ms. Style sheet and grid library round by up to a pixel. */
function expectPlace(card: Locator, place: Awaited<ReturnType<typeof placeOf>>) {
  const off = async () => {
    const now = await placeOf(card)
    return Math.max(...(['x', 'y', 'width', 'height'] as const).map((side) => Math.abs(now[side] - place[side])))
  }
  return expect.poll(off).toBeLessThanOrEqual(1)
}

async function drag(page: Page, from: Locator, by: { x: number; y: number }) {
  const box = await from.boundingBox()
  if (!box) throw new Error('There is nothing to drag.')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + by.x / 2, y + by.y / 2, { steps: 5 })
  await page.mouse.move(x + by.x, y + by.y, { steps: 5 })
  await page.mouse.up()
}

test('a dashboard is filled, arranged by mouse and keys, undone, and comes back as it was', async ({
  page,
  server,
  request,
}) => {
  const push = await setUpProduct(page, request, server, history(Date.now()))

  await createDashboard(page, 'Growth')
  await expect(page.getByText('Nothing on this dashboard yet')).toBeVisible()
  await expectAccessible(page)
  await addWidget(page, { type: 'Number', metric: 'revenue', title: 'Revenue' })
  await addWidget(page, { type: 'Number', metric: 'signups', title: 'Signups' })
  await addWidget(page, { type: 'Bar', metric: 'revenue', title: 'Revenue by region', groupBy: 'region' })
  await expect(widget(page, 'Revenue')).toContainText(figure(revenueOf(DAYS)))
  await expect(widget(page, 'Signups')).toContainText(String(DAYS))
  await expect(widget(page, 'Revenue by region')).toContainText('EU')

  await test.step('the range is in the address and survives a reload', async () => {
    await page.keyboard.press('7')
    await expect(page).toHaveURL(/range=7d/)
    await expect(widget(page, 'Revenue')).toContainText(figure(revenueOf(7)))
    await page.reload()
    await expect(page.getByRole('button', { name: /Last 7 days/ })).toBeVisible()
    await expect(widget(page, 'Revenue')).toContainText(figure(revenueOf(7)))
    await page.getByLabel('Bucket size').selectOption('week')
    await page.getByRole('switch', { name: /Compare/ }).uncheck()
    await expect(page).toHaveURL(/by=week&compare=off/)
  })

  await test.step('a point that is pushed moves the number without a reload', async () => {
    await page.evaluate(() => document.body.setAttribute('data-same-page', ''))
    await push([{ metric: 'revenue', value: 1234, tags: { region: 'EU' } }])
    await expect(widget(page, 'Revenue')).toContainText(figure(revenueOf(7) + 1234))
    await expect(page.locator('body')).toHaveAttribute('data-same-page')
  })

  await test.step('the mouse moves and resizes a card, undo puts it back', async () => {
    await page.getByRole('button', { name: 'Arrange' }).click()
    const card = widget(page, 'Signups')
    const handle = card.getByTitle(/^Drag to move/)
    await expect(handle).toBeVisible()
    const before = await placeOf(card)
    // By six of the twelve columns, into the free half of the row.
    await untilStored(page, () => drag(page, handle, { x: before.width * 2 + 32, y: 0 }))
    await expect.poll(async () => (await placeOf(card)).x).toBeGreaterThan(before.x + before.width)
    await expectPlace(card, { ...before, x: (await placeOf(card)).x })

    await untilStored(page, () => page.keyboard.press('u'))
    await expectPlace(card, before)
    await untilStored(page, async () => {
      await card.focus()
      await page.keyboard.press('ArrowRight')
    })
    await expect(page.getByText(/^Signups: column 5, row 1/)).toBeAttached()
    await untilStored(page, () => page.keyboard.press('Shift+ArrowRight'))
    await expect.poll(async () => (await placeOf(card)).width).toBeGreaterThan(before.width)
    const placed = await placeOf(card)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.reload()
    await expectPlace(widget(page, 'Signups'), placed)
  })

  await test.step('a removed widget comes back from the notice, an edited one shows what was edited', async () => {
    const card = widget(page, 'Revenue by region')
    await card.hover()
    await card.getByRole('button', { name: 'Menu of Revenue by region' }).click()
    await untilStored(page, () => page.getByRole('menuitem', { name: 'Remove' }).click())
    await expect(card).toBeHidden()
    await untilStored(page, () => page.getByRole('button', { name: 'Undo' }).click())
    await expect(card).toBeVisible()

    await card.hover()
    await card.getByRole('button', { name: 'Menu of Revenue by region' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    const editor = page.getByRole('dialog', { name: 'Edit widget' })
    await editor.getByRole('radio', { name: 'Table' }).check()
    await editor.getByRole('button', { name: 'Filter', exact: true }).click()
    await expect(editor.getByRole('region', { name: 'Preview' }).getByRole('row', { name: /EU/ })).toBeVisible()
    await expect(editor.getByRole('region', { name: 'Preview' }).getByRole('row', { name: /US/ })).toBeHidden()
    await expectAccessible(page)
    await untilStored(page, () => editor.getByRole('button', { name: 'Save widget' }).click())
    await expect(card.getByRole('row', { name: /EU/ })).toBeVisible()
    await expect(card.getByRole('row', { name: /US/ })).toBeHidden()
  })

  await test.step('on a phone everything stands in one column and fits', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await expect(widget(page, 'Revenue')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Arrange' })).toBeHidden()
    const [tile, table] = [await placeOf(widget(page, 'Revenue')), await placeOf(widget(page, 'Revenue by region'))]
    expect(table.width).toBeGreaterThan(tile.width * 2)
    expect(table.x + table.width).toBeLessThanOrEqual(390)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await expectAccessible(page)
  })
})

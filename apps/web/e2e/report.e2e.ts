import type { Page } from '@playwright/test'
import type { Email } from 'postal-mime'
import { expectAccessible } from './accessible'
import { test as base, expect, OWNER } from './fixture'
import { type Mailbox, startMailbox } from './mailbox'
import { startTestServer } from './server'
import { addWidget, createDashboard, DAY_MS, type Point, setUpProduct } from './workspace'

const REFUSED = 'cfo@northpier.example'

/** A server that sends through a mail server of ours, which knows one recipient too few. */
const test = base.extend<{ mailbox: Mailbox }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures from the pattern
  mailbox: async ({}, use) => {
    const mailbox = await startMailbox((address) => address === REFUSED)
    await use(mailbox)
    await mailbox.stop()
  },
  server: [
    async ({ mailbox }, use) => {
      const server = await startTestServer({ SMTP_URL: mailbox.url, MAIL_FROM: 'Reports <reports@harborpine.example>' })
      await use(server)
      await server.stop()
    },
    { scope: 'test', timeout: 90_000 },
  ],
})

test.use({ timezoneId: 'UTC', locale: 'en-GB' })

/** Three weeks up to now, so that the last complete week has a value on each of its days. */
function history(now: number): Point[] {
  return Array.from({ length: 21 }, (_, ago) => ({
    metric: 'revenue',
    value: 1_000 + ago * ago * 7,
    timestamp: now - ago * DAY_MS,
    tags: { region: ago % 2 === 0 ? 'EU' : 'US' },
  }))
}

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** Monday to Sunday before the present week, which is what a report that is sent now covers. */
function lastWeek(now: number): { from: string; to: string } {
  const sinceMonday = (new Date(now).getUTCDay() + 6) % 7
  return { from: isoDay(now - (sinceMonday + 7) * DAY_MS), to: isoDay(now - (sinceMonday + 1) * DAY_MS) }
}

async function numberOnDashboard(page: Page, { from, to }: { from: string; to: string }): Promise<string> {
  await page.getByRole('link', { name: 'Growth', exact: true }).first().click()
  await page.goto(`${page.url().split('?')[0]}?from=${from}&to=${to}`)
  const tile = page.getByRole('region', { name: 'Revenue', exact: true })
  await expect(tile).toContainText(/from/)
  return (await tile.textContent())?.match(/Revenue([\d,.]+)/)?.[1] ?? ''
}

/** Width and height that a PNG says it has, after its signature was checked byte by byte. */
function sizeOfPng(content: ArrayBuffer | string | Uint8Array): { width: number; height: number } {
  const bytes = Buffer.from(content as ArrayBuffer)
  expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  expect(bytes.toString('latin1', 12, 16)).toBe('IHDR')
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

function expectPictures({ html = '', attachments }: Email): void {
  const shown = [...html.matchAll(/<img[^>]*src="cid:([^"]+)"[^>]*>/g)]
  expect(shown.length).toBeGreaterThan(0)
  for (const [tag, cid] of shown) {
    const file = attachments.find(({ contentId }) => contentId === `<${cid}>`)
    expect(file?.mimeType).toBe('image/png')
    const width = Number(/width="(\d+)"/.exec(tag)?.[1])
    const height = Number(/height="(\d+)"/.exec(tag)?.[1])
    // Twice as fine as it is shown, for dense screens.
    expect(sizeOfPng(file?.content ?? '')).toEqual({ width: width * 2, height: height * 2 })
  }
}

test('a report is planned, previewed and sent, and its mail says what the dashboard says', async ({
  page,
  server,
  request,
  mailbox,
}) => {
  const now = Date.now()
  await setUpProduct(page, request, server, history(now))
  await createDashboard(page, 'Growth')
  await addWidget(page, { type: 'Number', metric: 'revenue', title: 'Revenue' })
  await addWidget(page, { type: 'Line', metric: 'revenue', title: 'Revenue by region', groupBy: 'region' })
  const week = lastWeek(now)
  const expected = await numberOnDashboard(page, week)
  expect(expected).toMatch(/\d/)

  await test.step('the first report starts with what most want, and says what it will do', async () => {
    await page.getByRole('link', { name: 'Reports' }).click()
    await expect(page.getByRole('heading', { name: 'No reports yet' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Sending' })).toContainText('SMTP')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'New report' }).click()
    const plan = page.getByRole('region', { name: 'Next runs' })
    await expect(plan.getByRole('listitem')).toHaveCount(3)
    await expect(plan).toContainText('Next runs, 08:00 in UTC')
    for (const run of await plan.getByRole('listitem').all()) await expect(run).toContainText(/^Mon .*week \d+$/)
    await page.getByRole('radio', { name: 'Thursday' }).check()
    await expect(plan.getByRole('listitem').first()).toContainText(/^Thu/)
    await page.getByRole('radio', { name: 'Monthly' }).check()
    await page.getByLabel('On', { exact: true }).selectOption({ label: 'The last day of the month' })
    await expect(plan.getByRole('listitem').first()).toContainText(/(30|31|28|29)/)
    await page.getByRole('radio', { name: 'Weekly' }).check()
    await expect(plan.getByRole('listitem').first()).toContainText(/^Mon/)
  })

  await test.step('a wrong address is named and keeps the report from being saved', async () => {
    const to = page.getByLabel('To', { exact: true })
    await to.fill('ines@')
    await to.press('Enter')
    await expect(page.getByRole('alert')).toContainText('ines@ is not an e-mail address')
    await page.getByRole('button', { name: 'Create report' }).click()
    await expect(page.getByRole('heading', { name: 'New report' })).toBeVisible()
    await page.getByRole('button', { name: 'Remove ines@' }).click()
    await to.fill(`Board <board@northpier.example>; ${REFUSED}`)
    await to.press('Enter')
    await page.getByRole('button', { name: 'Create report' }).click()
    await expect(page.getByRole('heading', { name: 'Weekly Growth', level: 2 })).toBeVisible()
    await expect(page.getByRole('link', { name: /Weekly Growth/ })).toContainText('Mondays, 08:00')
    await expectAccessible(page)
  })

  await test.step('what is typed survives another page, and goes when it is discarded', async () => {
    await page.getByLabel('Name').fill('Renamed')
    await page.getByRole('link', { name: 'Metrics' }).click()
    await expect(page.getByRole('heading', { name: 'Metrics', exact: true })).toBeVisible()
    await page.goBack()
    await expect(page.getByLabel('Name')).toHaveValue('Renamed')
    await expect(page.getByRole('link', { name: /Weekly Growth/ })).toContainText('Unsaved changes')
    await page.getByRole('button', { name: 'Discard' }).click()
    await expect(page.getByLabel('Name')).toHaveValue('Weekly Growth')
    await expect(page.getByText('Unsaved changes')).toHaveCount(0)
  })

  await test.step('the preview shows the numbers and the pictures of the mail', async () => {
    await page.getByRole('button', { name: 'Preview' }).click()
    const mail = page.frameLocator('iframe[title="Mail of Weekly Growth"]')
    await expect(mail.getByText(expected, { exact: true })).toBeVisible()
    const picture = mail.getByRole('img').first()
    await expect(picture).toBeVisible()
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(1000)
    await page.keyboard.press('Escape')
  })

  await test.step('sent now, it reaches those who exist and says who does not', async () => {
    await page.getByRole('button', { name: 'Send now' }).click()
    await page.getByRole('button', { name: 'Send to 3 recipients' }).click()
    const log = page.getByRole('region', { name: 'Delivery log', exact: true })
    await expect(log.getByText('Partly sent')).toBeVisible({ timeout: 30_000 })
    await expect(log).toContainText('1 of 3 mails were not taken.')
    await expect(log.getByRole('row', { name: REFUSED })).toContainText(/Refused\s*1.*5\.1\.1 no such mailbox/)
    await expect(log.getByRole('row', { name: OWNER.email })).toContainText('queued as')
    await expect(page.getByRole('link', { name: /Weekly Growth/ })).toContainText('Partly sent')
    await expectAccessible(page)

    expect(mailbox.received.flatMap(({ to }) => to).sort()).toEqual(['board@northpier.example', OWNER.email].sort())
    for (const { mail } of mailbox.received) {
      expect(mail.from?.address).toBe('reports@harborpine.example')
      expect(mail.subject).toContain('Weekly Growth')
      expect(mail.text).toContain(`Revenue: ${expected} `)
      expect(mail.html).toContain(`>${expected}<`)
      expectPictures(mail)
    }
  })

  await test.step('a test goes to the caller alone, a paused report has no next run', async () => {
    const before = mailbox.received.length
    await page.getByRole('button', { name: 'Send test to me' }).click()
    await expect.poll(() => mailbox.received.slice(before).map(({ to }) => to)).toEqual([[OWNER.email]])
    await page.getByRole('button', { name: 'Pause' }).click()
    await expect(page.getByRole('link', { name: /Weekly Growth/ })).toContainText('Paused')
    await page.getByRole('button', { name: 'Resume' }).click()
    await expect(page.getByRole('link', { name: /Weekly Growth/ })).not.toContainText('Paused')
  })

  await test.step('on a phone the list and the report are pages of their own', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await expect(page.getByRole('region', { name: 'All reports' })).toBeHidden()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.getByRole('link', { name: 'All reports' }).click()
    await expect(page.getByRole('region', { name: 'All reports' })).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('link', { name: /Weekly Growth/ }).click()
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Delete report' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete report' }).click()
    await expect(page.getByRole('heading', { name: 'No reports yet' })).toBeVisible()
  })
})

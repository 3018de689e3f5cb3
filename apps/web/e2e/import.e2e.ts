import { expectAccessible } from './accessible'
import { expect, test } from './fixture'
import { setUpProduct } from './workspace'

test.use({ timezoneId: 'UTC', locale: 'en-GB' })

/** Semicolons, decimal commas, days first; one value and one date are broken, and one line is cut. */
function sales(): Buffer {
  const lines = ['Datum;Filiale;Umsatz']
  for (let day = 1; day <= 28; day++) {
    const date = `${String(day).padStart(2, '0')}.10.2026`
    lines.push(day === 9 ? '31.02.2026;Berlin;1,00' : `${date};Berlin;1.000,50`)
    lines.push(`${date};Köln;${day === 7 ? 'n/a' : '2,25'}`)
  }
  lines.push('29.10.2026')
  return Buffer.from(`${lines.join('\n')}\n`)
}

test('DL-10: a refused point is mended, a file is imported once however often it is sent', async ({
  page,
  server,
  request,
}) => {
  await setUpProduct(page, request, server, [{ metric: 'signups', value: 1 }])

  await test.step('IG-7: refused points wait with their reason, are mended and sent again', async () => {
    const auth = await page.evaluate(async () => location.pathname.split('/')[2] ?? '')
    expect(auth).toMatch(/^prd_/)
    await page.goto(`${server.url}/p/${auth}/rejected`)
    await expect(page.getByRole('heading', { name: 'All is well' })).toBeVisible()
    await page.goto(`${server.url}/p/${auth}/settings/keys`)
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Shop')
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    const key = (await page.getByRole('dialog').locator('code').first().textContent()) ?? ''
    const headers = { authorization: `Bearer ${key}` }
    const bad = [
      { metric: 'signups', value: '12,5', tags: { plan: 'Solo' } },
      { metric: 'signups', value: 3, timestamp: 'yesterday' },
      { value: 4 },
    ]
    const refused = await request.post('/api/v1/ingest', { headers, data: { points: bad } })
    expect(refused.status()).toBe(422)
    await page.goto(`${server.url}/p/${auth}/metrics`)
    await page.getByRole('link', { name: /Rejected points/ }).click()
    await expect(page.getByRole('row')).toHaveCount(4)
    await expectAccessible(page)
    await page.getByRole('row').filter({ hasText: '12,5' }).getByRole('button', { name: /^Fix/ }).click()
    const sheet = page.getByRole('dialog', { name: 'Fix the point' })
    await expect(sheet.getByText('The value is a number, without quotes.')).toBeVisible()
    await sheet.getByLabel('Value').fill('12,5')
    await expect(sheet.getByText('Enter a number, with a point for decimals.')).toBeVisible()
    await expectAccessible(page)
    await sheet.getByLabel('Value').fill('12.5')
    await sheet.getByRole('button', { name: 'Send point' }).click()
    await expect(sheet).toBeHidden()
    await expect(page.getByRole('row')).toHaveCount(3)
    await page.getByLabel('Reason').selectOption({ label: 'Field missing (1)' })
    await page.getByRole('button', { name: 'Dismiss all 1' }).click()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('button', { name: 'Send all 1 again' }).click()
    await expect(page.getByText('None was stored')).toBeVisible()
    await page.getByRole('button', { name: 'Dismiss all 1' }).click()
    await expect(page.getByRole('heading', { name: 'All is well' })).toBeVisible()
    await page.getByRole('link', { name: 'Metrics', exact: true }).first().click()
    await expect(page.getByRole('row').filter({ hasText: 'signups' })).toContainText('12.5')
  })

  await test.step('IG-8: the columns are guessed, the check names each fault by its line', async () => {
    await page.getByRole('link', { name: 'Import CSV' }).click()
    await expectAccessible(page)
    const file = { name: 'sales.csv', mimeType: 'text/csv', buffer: sales() }
    await page.getByLabel('File to import').setInputFiles(file)
    await expect(page.getByLabel('Numbers look like')).toHaveValue(',')
    await expect(page.getByLabel('What Datum is')).toHaveValue('time')
    await expect(page.getByLabel('What Filiale is')).toHaveValue('tag')
    await page.getByLabel('Metric in Umsatz').fill('sales')
    await page.getByLabel('Name of the tag in Filiale').fill('shop')
    await expect(page.getByRole('region', { name: 'First points' })).toContainText('1,000.5')
    await expect(page.getByRole('region', { name: 'First points' })).toContainText('shop')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Check the file' }).click()
    await expect(page.getByRole('heading', { name: '54 points can be imported' })).toBeVisible()
    const faults = page.getByRole('table', { name: 'Refused lines' }).getByRole('row')
    await expect(faults).toHaveCount(4)
    await expect(faults.nth(1)).toContainText(/^153/)
    await expect(faults.nth(2)).toContainText(/^181/)
    await expect(faults.nth(3)).toContainText(/^58/)
    await expectAccessible(page)
  })

  await test.step('DL-10: the import stores it, and the same file again adds nothing', async () => {
    await page.getByRole('button', { name: 'Import 54 points' }).click()
    await expect(page.getByRole('heading', { name: '54 points imported' })).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Import another file' }).click()
    await expect(page.getByRole('region', { name: 'Earlier imports' }).first()).toContainText('54')
    await page.getByLabel('File to import').setInputFiles({ name: 'copy.csv', mimeType: 'text/csv', buffer: sales() })
    await page.getByLabel('Metric in Umsatz').fill('sales')
    await page.getByLabel('Name of the tag in Filiale').fill('shop')
    await page.getByRole('button', { name: 'Check the file' }).click()
    await page.getByRole('button', { name: 'Import 54 points' }).click()
    await expect(page.getByRole('heading', { name: 'Nothing new: 54 points were already there' })).toBeVisible()
    await page.getByRole('link', { name: 'Open sales' }).click()
    const facts = page.getByRole('region', { name: 'Facts' })
    await expect(facts.locator('div', { has: page.getByText('Points', { exact: true }) })).toContainText('54')
  })
})

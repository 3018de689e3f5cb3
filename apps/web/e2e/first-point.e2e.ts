import { expect, OWNER, setUp, test } from './fixture'

test('from the printed link to the first point: the page turns green by itself', async ({ page, server, request }) => {
  await page.goto(server.url)
  await expect(page.getByRole('heading', { name: 'Set up this server' })).toBeVisible()
  await expect(page.getByText('Open the set-up link that the server printed')).toBeVisible()

  await setUp(page, server)
  await page.getByLabel('Name').fill('Quill')
  await page.getByRole('button', { name: 'Create product' }).click()

  await expect(page.getByRole('heading', { name: 'Send the first point to Quill' })).toBeVisible()
  const card = page.getByRole('region', { name: 'API key' })
  const key = (await card.locator('code').textContent()) ?? ''
  expect(key).toMatch(/^trk_live_\w{32,}$/)
  await expect(page.getByRole('tabpanel')).toContainText(`Bearer ${key}`)
  await expect(page.getByRole('heading', { name: 'Waiting for your first point' })).toBeVisible()

  // A wrong value explains itself on the page, and does not move it on.
  const headers = { authorization: `Bearer ${key}` }
  const refused = await request.post('/api/v1/ingest', { headers, data: { metric: 'signups', value: '12,5' } })
  expect(refused.status()).toBe(422)
  await expect(page.getByRole('listitem').filter({ hasText: '422' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Waiting for your first point' })).toBeVisible()

  const point = { metric: 'signups', value: 1, tags: { plan: 'Solo', region: 'EU' } }
  const stored = await request.post('/api/v1/ingest', { headers, data: point })
  expect(await stored.json()).toEqual({ accepted: 1, duplicates: 0, rejected: [] })
  await expect(page.getByRole('heading', { name: 'First point received' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'What arrived', exact: true })).toContainText('signups')

  // The key is gone for good once the page is left.
  await page.reload()
  await expect(page.getByRole('heading', { name: 'First point received' })).toBeVisible()
  expect(await page.content()).not.toContain(key)

  await page.getByRole('link', { name: 'Finish later' }).click()
  await expect(page.getByRole('heading', { name: 'Metrics', exact: true })).toBeVisible()
  await page.getByRole('link', { name: 'signups' }).click()
  await expect(page.getByRole('region', { name: 'Tags' }).first()).toContainText('Solo')

  // What is proposed can be left out, and is made with one click.
  await page.getByRole('link', { name: 'Quill', exact: true }).click()
  const proposal = page.getByRole('region', { name: 'A dashboard from what arrived' })
  await proposal.getByLabel('Signups over time').uncheck()
  await proposal.getByRole('button', { name: 'Create dashboard' }).click()
  await expect(page.getByRole('heading', { name: 'Quill overview' })).toBeVisible()

  await page.getByRole('button', { name: `Account of ${OWNER.name}` }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()

  // The link made the owner; nobody else makes an account unless the server is told to let them.
  await expect(page.getByRole('link', { name: 'Create an account' })).toHaveCount(0)
  await page.goto(`${server.url}/register`)
  await expect(page.getByRole('heading', { name: 'Registration is closed' })).toBeVisible()
  await expect(page.getByText('REGISTRATION=open')).toBeVisible()
  await expect(page.getByLabel('Password')).toHaveCount(0)
})

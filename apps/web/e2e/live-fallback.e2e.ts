import { expect, OWNER, setUp, test } from './fixture'

/** A socket as a strict proxy gives it: it never opens. */
const refuseSockets = () => {
  class RefusedSocket extends EventTarget {
    readyState = 0
    constructor() {
      super()
      setTimeout(() => {
        this.readyState = 3
        this.dispatchEvent(new Event('error'))
        this.dispatchEvent(new CloseEvent('close', { code: 1006 }))
      })
    }
    send() {}
    close() {}
  }
  Object.assign(RefusedSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })
  Object.assign(window, { WebSocket: RefusedSocket })
}

test('without WebSockets the first point still turns the page by itself', async ({ page, server, request }) => {
  await page.addInitScript(refuseSockets)
  await setUp(page, server)
  const streamed = page.waitForRequest((sent) => sent.url().includes('/trpc/ingest.onAttempt'))
  await page.getByLabel('Name').fill('Quill')
  await page.getByRole('button', { name: 'Create product' }).click()
  const key = await page.getByRole('region', { name: 'API key' }).locator('code').textContent()
  expect(await (await streamed).headerValue('accept')).toContain('text/event-stream')

  const answer = await request.post('/api/v1/ingest', {
    headers: { authorization: `Bearer ${key}` },
    data: { metric: 'signups', value: 1 },
  })
  expect(answer.status()).toBe(200)
  await expect(page.getByRole('heading', { name: 'First point received' })).toBeVisible()
})

test('an ended session leads to the sign-in page and back to where one was', async ({ page, server, context }) => {
  await setUp(page, server)
  await page.getByLabel('Name').fill('Quill')
  await page.getByRole('button', { name: 'Create product' }).click()
  await expect(page.getByRole('heading', { name: 'Send the first point to Quill' })).toBeVisible()
  await page.getByRole('link', { name: 'Finish later' }).click()
  await expect(page.getByRole('heading', { name: 'Metrics', exact: true })).toBeVisible()
  const place = page.url()

  await context.clearCookies()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.getByLabel('E-mail').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Metrics', exact: true })).toBeVisible()
  expect(page.url()).toBe(place)
})

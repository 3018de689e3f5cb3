import { test as base, expect, type Page } from '@playwright/test'
import { startTestServer, type TestServer } from './server'

/** Words of a person who signs up; the password is long and in no list. */
export const OWNER = {
  name: 'Jonas Weber',
  team: 'Harbor & Pine',
  email: 'jonas@harborpine.example',
  password: 'velvet-orchid-cobalt-sky',
}

/** A server and a database of its own for each test, and on every page: an error of a script or of the content policy fails the test that met it. */
export const test = base.extend<{ watched: undefined; server: TestServer }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures from the pattern
    async ({}, use) => {
      const server = await startTestServer()
      await use(server)
      await server.stop()
    },
    { scope: 'test', timeout: 90_000 },
  ],
  baseURL: ({ server }, use) => use(server.url),
  watched: [
    async ({ page }, use) => {
      const problems: string[] = []
      page.on('pageerror', (error) => problems.push(`script: ${error.message}`))
      page.on('console', (message) => {
        // What the server refuses is part of some tests; the page says so itself.
        const isRefusal = /status of (4\d\d)/.test(message.text())
        // The frame of a mail runs no script, the test's own looking around in it included.
        const isOurLook = /\/preview\/.*frame is sandboxed/.test(message.text())
        if (message.type() === 'error' && !isRefusal && !isOurLook) problems.push(`console: ${message.text()}`)
      })
      await use(undefined)
      expect(problems).toEqual([])
    },
    { auto: true },
  ],
})

/** The first account, through the printed link. Leaves the page on the form of the first product. */
export async function setUp(page: Page, server: TestServer): Promise<void> {
  await page.goto(server.setupUrl)
  await page.getByLabel('Your name').fill(OWNER.name)
  await page.getByLabel('Team').fill(OWNER.team)
  await page.getByLabel('E-mail').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Create the owner account' }).click()
  await expect(page.getByRole('heading', { name: 'Name your first product' })).toBeVisible()
}

export { expect }

import { defineConfig } from '@playwright/test'
import { chromiumLaunch } from './e2e/browser'

/** Few tests, long and real: the built server, its embedded database and a browser. */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.e2e.ts',
  timeout: 90_000,
  expect: { timeout: 10_000 },
  // Each test starts a server and a database of its own; two at once are enough for a laptop.
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    launchOptions: await chromiumLaunch(),
    video: 'off',
    trace: 'retain-on-failure',
    viewport: { width: 1440, height: 900 },
  },
})

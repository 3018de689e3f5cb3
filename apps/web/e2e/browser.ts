import { existsSync } from 'node:fs'
import type { LaunchOptions } from '@playwright/test'

const SYSTEM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Root in a container has no user namespaces for the sandbox, and /dev/shm is small there; the rest keeps a test run silent. */
const ARGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** A browser that is here already: CHROMIUM_PATH, the system's, else the one from npm. Nothing is downloaded. */
export async function chromiumLaunch(): Promise<LaunchOptions> {
  const wanted = process.env.CHROMIUM_PATH
  if (wanted) return { executablePath: wanted, args: ARGS }
  const found = SYSTEM_PATHS.find((path) => existsSync(path))
  if (found) return { executablePath: found, args: ARGS }
  const { default: packaged } = await import('@sparticuz/chromium')
  return { executablePath: await packaged.executablePath(), args: [...new Set([...packaged.args, ...ARGS])] }
}

import type { LaunchOptions } from '@playwright/test'
import { chromiumEnv } from '../../../scripts/chromium.mjs'

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

/** The browser that `pnpm test` found, or the one that it would find. */
export async function chromiumLaunch(): Promise<LaunchOptions> {
  const env = await chromiumEnv()
  return { executablePath: env.CHROMIUM_PATH, args: ARGS, env: { ...process.env, ...env } as Record<string, string> }
}

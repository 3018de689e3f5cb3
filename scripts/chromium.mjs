import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
/** What a container, a small /dev/shm and a run as root need; nothing of it changes what a page looks like. */
const ARGS = [
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

function findOnPath() {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(dir, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {} // not here; the next one
    }
  }
  return undefined
}

/**
 * The browser of the tests: PLAYWRIGHT_CHROMIUM, else one of this machine, else the one that came with the npm packages.
 * Nothing is downloaded. `env` is for the browser's process.
 */
export async function findChromium() {
  const args = process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS
  const installed = process.env.PLAYWRIGHT_CHROMIUM || findOnPath()
  if (installed) return { executablePath: installed, args, env: {} }
  // This build looks for its libraries only where it recognises the platform it was made for; on others it is told.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x'
  const { default: packed } = await import('@sparticuz/chromium')
  packed.setGraphicsMode = false
  const executablePath = await packed.executablePath()
  return {
    executablePath,
    args: [
      ...new Set([
        ...packed.args.filter((arg) => !/^--(headless|single-process|user-agent)/.test(arg)),
        ...args,
        '--no-sandbox',
        '--no-zygote',
      ]),
    ],
    env: { LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? '' },
  }
}

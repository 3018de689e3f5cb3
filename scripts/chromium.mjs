import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const APPLICATION = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not here, which is the answer asked for
  }
}

/**
 * Names the browser of the tests for whoever starts it: PLAYWRIGHT_CHROMIUM or CHROMIUM_PATH, else one of this machine,
 * else the one from npm. Nothing is downloaded. Returns variables for the environment of the test runner.
 */
export async function chromiumEnv() {
  const given = process.env.PLAYWRIGHT_CHROMIUM || process.env.CHROMIUM_PATH
  const dirs = (process.env.PATH ?? '').split(delimiter)
  const candidates = dirs.flatMap((dir) => NAMES.map((name) => join(dir, name)))
  const path = given || [...candidates, APPLICATION].find(isExecutable)
  if (path) return { CHROMIUM_PATH: path }
  // It brings the libraries that a bare machine lacks, but unpacks them only where it recognises the platform that it was
  // made for. Its own list of arguments is left alone: that one switches off what the tests are about (web security).
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x'
  const { default: packed } = await import('@sparticuz/chromium')
  const unpacked = await packed.executablePath()
  return { CHROMIUM_PATH: unpacked, LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? '' }
}

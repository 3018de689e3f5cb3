#!/usr/bin/env node
// `pnpm test`: everything that decides whether a change is good. Needs Node and nothing else: Postgres comes with the
// packages, and so does a browser where the machine has none. The last line is `N passed, N failed`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildIfStale, root, run } from './build-if-stale.mjs'
import { chromiumEnv } from './chromium.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'trackable-test-report-'))

/** Just built, or found to be fresh. */
const MAIN = join(root, 'apps/server/dist/main.js')

async function node(file, args, env = {}) {
  const options = { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }
  return (await run(process.execPath, [join(root, file), ...args], options)).code
}

/** What a runner said in its report. One that failed without a failed test (a file that does not load) counts as one. */
function count(report, code, read) {
  const counted = existsSync(report) ? read(JSON.parse(readFileSync(report, 'utf8'))) : { passed: 0, failed: 0 }
  if (code !== 0 && counted.failed === 0) counted.failed = 1
  return counted
}

async function runUnits(args) {
  const report = join(scratch, 'vitest.json')
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  const code = await node('node_modules/vitest/vitest.mjs', ['run', ...reporters, ...args], { TRACKABLE_MAIN: MAIN })
  return count(report, code, (r) => ({ passed: r.numPassedTests, failed: r.numFailedTests }))
}

async function runBrowser() {
  const config = join(root, 'apps/web/playwright.config.ts')
  if (!existsSync(config)) return { passed: 0, failed: 0 }
  const report = join(scratch, 'playwright.json')
  const code = await node(
    'node_modules/@playwright/test/cli.js',
    ['test', '--config', config, '--reporter=line,json'],
    { ...(await chromiumEnv()), PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  )
  // A test that passes at the second try is a defect of it or of us.
  return count(report, code, ({ stats }) => ({ passed: stats.expected, failed: stats.unexpected + stats.flaky }))
}

const args = process.argv.slice(2)
await buildIfStale()
const units = await runUnits(args)
// Given a filter, the caller wants these tests and no others.
const browser = args.length === 0 ? await runBrowser() : { passed: 0, failed: 0 }
rmSync(scratch, { recursive: true, force: true })
const failed = units.failed + browser.failed
process.stdout.write(`${units.passed + browser.passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

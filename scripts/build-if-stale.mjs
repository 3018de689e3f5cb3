import { spawn } from 'node:child_process'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

const STAMP = join(root, 'apps/server/dist/.built')
const RESULTS = ['apps/server/dist/main.js', 'apps/web/dist/index.html', 'packages/db/src/generated/client.ts']
const SOURCES = [
  'apps',
  'packages',
  'docs/errors.md',
  'package.json',
  'pnpm-lock.yaml',
  'tsconfig.base.json',
  'turbo.json',
]
const NO_SOURCE = new Set(['node_modules', 'dist', 'generated', '.turbo', 'e2e', 'test-results', 'playwright-report'])

const mtimeMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function newestIn(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  if (!found.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : found.mtimeMs
  const inside = readdirSync(path).filter((name) => !NO_SOURCE.has(name))
  return Math.max(found.mtimeMs, ...inside.map((name) => newestIn(join(path, name))))
}

/** True when nothing that goes into the build has changed since the last one. Takes some 20 ms. */
function isFresh() {
  const builtAt = mtimeMs(STAMP)
  if (!builtAt || RESULTS.some((path) => !mtimeMs(join(root, path)))) return false
  return SOURCES.every((path) => newestIn(join(root, path)) <= builtAt)
}

/** Runs a program with its output on standard error, so that standard output stays the answer's. Resolves with the exit code. */
export function run(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
    child.on('error', fail)
    child.on('exit', (code, signal) => done(code ?? (signal ? 1 : 0)))
  })
}

const bin = (name) => join(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name)

/** Builds web and server unless both are up to date. Exits the process when the build fails: it has said why. */
export async function buildIfStale() {
  if (isFresh()) return
  const startedAt = Date.now()
  process.stderr.write('Building (only after a change) …\n')
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const code = await run(
    bin('turbo'),
    ['run', 'build', '--output-logs=errors-only', '--log-order=grouped', '--no-update-notifier'],
    { env },
  )
  if (code !== 0) process.exit(code)
  writeFileSync(STAMP, '')
  process.stderr.write(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.\n`)
}

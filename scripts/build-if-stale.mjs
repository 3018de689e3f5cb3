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
const NO_SOURCE = new Set(['node_modules', 'generated', '.turbo', 'e2e', 'test-results', 'playwright-report'])

const mtimeMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function newestIn(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  if (!found.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : found.mtimeMs
  const inside = readdirSync(path).filter((name) => !NO_SOURCE.has(name) && !name.startsWith('dist'))
  return Math.max(found.mtimeMs, ...inside.map((name) => newestIn(join(path, name))))
}

/** True when nothing that goes into the build has changed since the last one. Takes some 20 ms. */
function isFresh() {
  const builtAt = mtimeMs(STAMP)
  if (!builtAt || RESULTS.some((path) => !mtimeMs(join(root, path)))) return false
  return SOURCES.every((path) => newestIn(join(root, path)) <= builtAt)
}

/** Runs a program. Resolves with the exit code and, where it is piped, what it printed. */
export function run(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, ...options })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk
      })
    }
    child.on('error', fail)
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })
}

const bin = (name) => join(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name)

/** Builds web and server unless both are up to date. Quiet, unless it fails: then it says why and ends the process. */
export async function buildIfStale() {
  if (isFresh()) return
  const startedAt = Date.now()
  // On standard error, because standard output belongs to the answer of the command that follows.
  process.stderr.write('Building (only after a change) …\n')
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const args = ['run', 'build', '--output-logs=errors-only', '--no-update-notifier']
  const { code, output } = await run(bin('turbo'), args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (code !== 0) {
    process.stderr.write(output)
    process.exit(code)
  }
  writeFileSync(STAMP, '')
  process.stderr.write(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.\n`)
}

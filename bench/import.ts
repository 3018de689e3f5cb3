/**
 * `tsx bench/import.ts [--mb 1024]`: a CSV file of this size, imported as a page does it, and how much memory the server
 * takes for it (DL-10). One line in the middle is broken. Then the same file again, which adds nothing. Needs the build.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { hashImportFile, IMPORT_LIMITS, type ImportRun } from '@trackable/api/client'
import { cpuSecondsOf, rssOf } from './cpu'
import { type BenchServer, ROOT, startServer } from './server'

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '1024' },
    server: { type: 'string', default: join(ROOT, 'apps/server/dist/main.js') },
  },
})

const HEADER = 'time,revenue,country,channel\n'
const FROM_MS = Date.UTC(2026, 0, 1)
/** Of the same length, so that any part of the file can be made without the rest of it. */
const describeRow = (i: number) =>
  i === brokenRow
    ? `${'"2026-01-01T00:00:00Z,a quote, not closed'.padEnd(ROW_BYTES - 1)}\n`
    : `${new Date(FROM_MS + i * 1000).toISOString()},${String(i % 100_000).padStart(9)}.5,${i % 3 ? 'de' : 'us'},${i % 2 ? 'web' : 'app'}\n`
const ROW_BYTES = 44
const rowCount = Math.floor((Number(values.mb) * 1024 * 1024) / ROW_BYTES)
const brokenRow = Math.floor(rowCount / 2)
const fileBytes = HEADER.length + rowCount * ROW_BYTES

async function read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const first = Math.max(0, Math.floor((from - HEADER.length) / ROW_BYTES))
  const last = Math.max(0, Math.ceil((to - HEADER.length) / ROW_BYTES))
  const start = first === 0 ? 0 : HEADER.length + first * ROW_BYTES
  let text = first === 0 ? HEADER : ''
  for (let i = first; i < Math.min(last, rowCount); i++) text += describeRow(i)
  return new Uint8Array(Buffer.from(text).subarray(from - start, to - start))
}

const EMAIL = 'importer@example.org'
const PASSWORD = 'kettle moss brine harbour'

/** Somebody at a browser: a product, and the headers of a page that is signed in. */
async function signIn(server: BenchServer): Promise<{ productId: string; headers: Record<string, string> }> {
  const names = ['--team', 'Import', '--product', 'Import', '--password', PASSWORD]
  const args = [values.server, 'bootstrap', '--email', EMAIL, ...names, '--json']
  const env = { ...process.env, DATABASE_URL: server.database.url }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const { productId } = JSON.parse(stdout) as { productId: string }
  const login = await fetch(`${baseOf(server)}/trpc/auth.login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: baseOf(server) },
    body: JSON.stringify({ json: { email: EMAIL, password: PASSWORD } }),
  })
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0]
  if (!cookie) throw new Error(`auth.login answered ${login.status}: ${await login.text()}`)
  return { productId, headers: { cookie, origin: baseOf(server) } }
}

const baseOf = ({ port }: BenchServer) => `http://127.0.0.1:${port}`

const mapping = {
  encoding: 'utf-8',
  delimiter: ',',
  columnCount: 4,
  hasHeader: true,
  decimal: '.',
  timestamp: { column: 0, format: 'iso', zone: 'UTC' },
  values: [{ column: 1, metric: 'revenue' }],
  metricColumn: null,
  tags: [
    { column: 2, key: 'country' },
    { column: 3, key: 'channel' },
  ],
  idColumn: null,
}

const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`

const server = await startServer(values.server, [])
try {
  const { productId, headers } = await signIn(server)
  const fileHash = await hashImportFile(fileBytes, read)
  const importFile = async () => {
    const created = await fetch(`${baseOf(server)}/trpc/ingest.createImport`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ json: { productId, fileName: 'bench.csv', fileBytes, fileHash, mapping } }),
    })
    let run = ((await created.json()) as { result: { data: { json: ImportRun } } }).result.data.json
    const [startedAt, cpuBefore, rssBefore] = [performance.now(), cpuSecondsOf([server.pid]), rssOf(server.pid)]
    let peak = rssBefore
    while (run.status === 'running') {
      const body = await read(run.bytesDone, Math.min(fileBytes, run.bytesDone + IMPORT_LIMITS.partBytes))
      const url = `${baseOf(server)}/api/imports/${run.id}/parts?offset=${run.bytesDone}`
      const response = await fetch(url, { method: 'POST', headers, body })
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
      run = (await response.json()) as ImportRun
      peak = Math.max(peak, rssOf(server.pid))
    }
    const seconds = (performance.now() - startedAt) / 1000
    const cpu = ((cpuSecondsOf([server.pid]) - cpuBefore) * 1e6) / rowCount
    process.stdout.write(
      `${mebibytes(fileBytes)}, ${run.rows} rows in ${seconds.toFixed(1)} s (${Math.round(run.rows / seconds)}/s, ${cpu.toFixed(1)} µs of processor each): ` +
        `${run.accepted} new, ${run.duplicates} there already, ${run.rejected} refused; memory ${mebibytes(rssBefore)}, at most ${mebibytes(peak)}\n`,
    )
  }
  await importFile()
  await importFile()
  const { rows } = await server.database.pools.meta.query<{ n: number; line: number; code: string }>(
    `SELECT (SELECT count(*)::int FROM point) AS n, errors -> 0 ->> 'line' AS line, errors -> 0 ->> 'code' AS code
     FROM import_run ORDER BY created_at LIMIT 1`,
  )
  process.stdout.write(
    `stored ${rows[0]?.n} of ${rowCount - 1}; line ${rows[0]?.line} (wanted ${brokenRow + 2}): ${rows[0]?.code}\n`,
  )
} finally {
  await server.stop()
}

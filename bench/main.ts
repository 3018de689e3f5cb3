/**
 * `pnpm bench [P1 P2 …] [--points 200000] [--prof]`: the work, our figure and the target, in one table. Not a test: it
 * needs the machine for itself, and the build (`pnpm build`). `--prof` writes a CPU profile of the server.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureAcks } from './acks'
import { measureCopy, measureIngest } from './ingest'
import { describeRange, measureDashboard, measureDisk, measureGrowth, measureRange, untilFolded } from './queries'
import { ROOT, startServer } from './server'
import { printTable, type Row } from './table'
import { measureInitialScript, measureStart } from './web'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    points: { type: 'string', default: '1000000' },
    prof: { type: 'boolean', default: false },
    server: { type: 'string', default: join(ROOT, 'apps/server/dist/main.js') },
  },
})
const pointCount = Number(values.points)
const wants = (id: string) => positionals.length === 0 || positionals.includes(id)

const WORKS = [
  { id: 'P1', pointsPerRequest: 1, connections: 64, target: '≥ 15 k/s, ≤ 55 µs, p99 ≤ 25 ms' },
  { id: 'P2', pointsPerRequest: 100, connections: 16, target: '≤ 5 µs' },
  { id: 'P3', pointsPerRequest: 1000, connections: 8, target: '≤ 4 µs' },
]

/** What the questions are asked of. */
const STOCK = { id: '', pointsPerRequest: 1000, connections: 8, target: '' }

const rows: Row[] = []
const add = (row: Row | null) => {
  if (!row) return
  rows.push(row)
  process.stderr.write(`${row.id}: ${row.figure} (${row.note})\n`)
}

if (wants('P12')) add(measureInitialScript())
const server = await startServer(values.server, values.prof ? ['--cpu-prof', '--cpu-prof-dir=bench/profiles'] : [])
try {
  if (wants('P14')) add(measureStart(server))
  for (const work of WORKS) {
    if (!wants(work.id)) continue
    // Warm: compiled code, known series, partitions that exist.
    await measureIngest(server, {
      ...work,
      pointCount: Math.min(pointCount, 20_000 * Math.min(10, work.pointsPerRequest)),
    })
    add(await measureIngest(server, { ...work, pointCount }))
    if (work.id === 'P3') add(await measureCopy(server, pointCount))
  }
  if (['P5', 'P6', 'P10'].some(wants)) {
    await measureIngest(server, { ...STOCK, pointCount })
    await untilFolded(server)
    const range = await measureRange(server)
    add(describeRange(range, pointCount))
    if (wants('P10')) add(await measureDisk(server, pointCount))
    if (wants('P6')) add(await measureGrowth(server, range, pointCount * 10))
  }
  if (wants('P7')) add(await measureDashboard(server))
} finally {
  await server.stop()
}
if (wants('P4')) add(await measureAcks(pointCount))
printTable(rows)
process.stdout.write(
  'Durable: fsync and synchronous_commit on, every answer after the COMMIT. The processor time of P1 to P3 includes the rollups of all their points.\n',
)

/**
 * `pnpm faults [F01 F02 …] [--rounds 3]`: real processes are killed, frozen, starved and cut off while clients push
 * points, and what the database holds afterwards is compared with what the clients were told. Needs the build, Linux,
 * and root for the full disk.
 */
import { parseArgs } from 'node:util'
import { createCluster } from './cluster'
import { FAULTS, type Fault } from './faults'
import { judge, type Verdict } from './history'
import { type Load, startLoad } from './load'
import { createProxy } from './proxy'
import { bootstrap, createServerProcess } from './server'
import { findRollupFaults, readStored } from './stored'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: { rounds: { type: 'string', default: '3' }, port: { type: 'string', default: '45400' } },
})
const port = Number(values.port)

async function runFault(fault: Fault): Promise<Verdict & { note: string }> {
  const cluster = await createCluster({ port, ...fault.cluster })
  const proxy = await createProxy(port, port + 1)
  const through = new URL(cluster.url)
  through.port = String(proxy.port)
  const server = createServerProcess(through.href, port + 2)
  let load: Load | undefined
  try {
    const { keyText } = await bootstrap(cluster.url)
    await server.start()
    load = startLoad({ port: server.port, key: keyText })
    const note = await fault.inject({ cluster, server, proxy, load, rounds: Number(values.rounds) })
    await load.end()
    const verdict = judge(load.operations, await readStored(cluster))
    verdict.violations.push(...(await findRollupFaults(cluster)))
    return { ...verdict, note }
  } finally {
    load?.abandon()
    await server.kill('SIGKILL')
    await proxy.close()
    await cluster.remove()
  }
}

let failed = 0
let passed = 0
for (const fault of FAULTS.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
  try {
    const { violations, operations, ok, fail, unknown, points, note } = await runFault(fault)
    const history = `${operations} requests: ${ok} acknowledged, ${fail} refused, ${unknown} unknown; ${points} points stored; ${note}`
    if (violations.length === 0) passed++
    else failed++
    process.stdout.write(`${violations.length === 0 ? 'ok  ' : 'FAIL'} ${fault.id} ${fault.what}: ${history}\n`)
    for (const violation of violations.slice(0, 10)) process.stdout.write(`       ${violation}\n`)
  } catch (error) {
    failed++
    process.stdout.write(`FAIL ${fault.id} ${fault.what}: ${error instanceof Error ? error.stack : String(error)}\n`)
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0

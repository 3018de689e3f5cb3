/**
 * `pnpm overload [OV-01 OV-05 OV-06 OV-08 IN-19] [--seconds 20]`: more of everything than the machine can take, and what
 * becomes of those who ask for little. The clients share the cores with what they load, so the figures are pessimistic.
 */
import { parseArgs } from 'node:util'
import { SCENARIOS } from './scenarios'
import { withWorld } from './world'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: { seconds: { type: 'string', default: '20' }, port: { type: 'string', default: '45420' } },
})
const seconds = Number(values.seconds)

let passed = 0
let failed = 0
for (const scenario of SCENARIOS.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
  const findings = await withWorld(Number(values.port), scenario.env ?? {}, (world) =>
    scenario.run(world, seconds),
  ).catch((error: Error) => [{ isMet: false, text: String(error.stack) }])
  for (const { isMet, text } of findings) {
    if (isMet) passed++
    else failed++
    process.stdout.write(`${isMet ? 'ok  ' : 'FAIL'} ${scenario.id} ${text}\n`)
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0

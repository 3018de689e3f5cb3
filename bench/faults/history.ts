/**
 * The oracle of every fault: what was asked, what was answered, and what the database holds in the end. Each point has
 * a value that no other point has, so that a lost, a doubled and an invented point can be told apart.
 */

/** `fail`: certainly not stored. `unknown`: no answer, or one that confirms nothing. */
export type Outcome = 'ok' | 'fail' | 'unknown'

/**
 * How the sender protects itself. `plain` sends once and never again; `named` gives every point an id, `keyed` the
 * request an Idempotency-Key, and both send again until they are answered.
 */
export const PROTECTIONS = ['plain', 'named', 'keyed'] as const
export type Protection = (typeof PROTECTIONS)[number]

export interface Operation {
  protection: Protection
  /** The values of its points. */
  values: number[]
  outcome: Outcome
  attempts: number
}

export interface Verdict {
  operations: number
  ok: number
  fail: number
  unknown: number
  points: number
  violations: string[]
}

/** `stored` says how often each value is there. */
export function judge(operations: readonly Operation[], stored: ReadonlyMap<number, number>): Verdict {
  const violations: string[] = []
  const known = new Set<number>()
  for (const operation of operations) {
    for (const value of operation.values) known.add(value)
    const fault = findFault(operation, stored)
    if (fault) violations.push(fault)
  }
  for (const [value, count] of stored) {
    if (!known.has(value)) violations.push(`${value} is stored ${count} times and was never sent`)
  }
  const count = (outcome: Outcome) => operations.filter((one) => one.outcome === outcome).length
  const points = [...stored.values()].reduce((sum, n) => sum + n, 0)
  return {
    operations: operations.length,
    ok: count('ok'),
    fail: count('fail'),
    unknown: count('unknown'),
    points,
    violations,
  }
}

function findFault({ protection, values, outcome }: Operation, stored: ReadonlyMap<number, number>): string | null {
  const counts = values.map((value) => stored.get(value) ?? 0)
  const name = `${protection} request ${values[0]}…${values.at(-1)} (${outcome})`
  if (counts.some((count) => count > 1)) return `${name}: a point is stored more than once`
  const present = counts.filter((count) => count === 1).length
  if (present !== 0 && present !== values.length) return `${name}: ${present} of ${values.length} points are stored`
  if (outcome === 'ok' && present === 0) return `${name}: acknowledged and lost`
  if (outcome === 'fail' && present > 0) return `${name}: refused and stored`
  return null
}

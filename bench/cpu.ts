/** Processor time of processes and their children, from /proc: steadier than rates on cores that others use too. */
import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

interface Stat {
  parent: number
  ticks: number
}

function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    // utime, stime, and those of children that have ended and were waited for.
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + (fields[field] ?? 0), 0)
    return { parent: fields[1] ?? 0, ticks }
  } catch {
    return null // the process has ended meanwhile
  }
}

/**
 * Seconds that the processes and all their descendants have used so far; those below `except` are left out (the server
 * is the parent of its embedded PostgreSQL).
 */
export function cpuSecondsOf(roots: readonly number[], except?: number): number {
  const stats = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null
    if (stat) stats.set(Number(name), stat)
  }
  const isInside = (pid: number): boolean => {
    for (let at = pid; at > 1; at = stats.get(at)?.parent ?? 0) {
      if (at === except) return false
      if (roots.includes(at)) return true
    }
    return false
  }
  let ticks = 0
  for (const [pid, stat] of stats) if (isInside(pid)) ticks += stat.ticks
  return ticks / TICKS_PER_SECOND
}

/** Resident memory in bytes. */
export function rssOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) * 1024
}

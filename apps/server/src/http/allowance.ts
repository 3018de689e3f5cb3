/**
 * How much a product may send to this process: requests and points a minute, where a limit is set. In memory, because
 * counting 15,000 requests a second anywhere else costs more than storing them; with several processes each counts its own.
 */
import type { ServerResponse } from 'node:http'
import { DomainError, type ProductScope } from '@trackable/api'

export interface AllowanceLimits {
  requestsPerMinute?: number | undefined
  pointsPerMinute?: number | undefined
}

export interface Allowance {
  /** Counts a request. Throws `rate_limited` when the product has used up what it may send for now. */
  admit(response: ServerResponse, product: ProductScope): void
  /** Counts what the request turned out to bring. It is taken as a whole, and what is too much is owed. */
  spend(response: ServerResponse, product: ProductScope, points: number): void
}

const WINDOW_MS = 60_000
/** Products that are remembered; those whose window is over are forgotten then. */
const PRODUCTS_MAX = 10_000

interface Window {
  startMs: number
  used: Record<Unit, number>
}

type Unit = 'requests' | 'points'

/** Null without a limit, so that nothing is counted then. */
export function createAllowance(
  { requestsPerMinute, pointsPerMinute }: AllowanceLimits,
  nowMs: () => number,
): Allowance | null {
  const quotas = { requests: requestsPerMinute, points: pointsPerMinute }
  const units = (['requests', 'points'] as const).flatMap((unit) => {
    const quota = quotas[unit]
    return quota === undefined ? [] : [{ unit, quota }]
  })
  if (units.length === 0) return null
  const windows = new Map<number, Window>()

  const windowOf = (product: ProductScope): Window => {
    const now = nowMs()
    const known = windows.get(product.id)
    // A clock that was set back must not lock anybody out.
    const passed = known ? Math.floor((now - known.startMs) / WINDOW_MS) : 0
    if (known && passed === 0) return known
    if (windows.size >= PRODUCTS_MAX)
      for (const [id, { startMs }] of windows) if (now - startMs >= WINDOW_MS) windows.delete(id)
    const used = { requests: 0, points: 0 }
    if (known && passed > 0)
      for (const { unit, quota } of units) used[unit] = Math.max(0, known.used[unit] - passed * quota)
    const window = { startMs: known && passed > 0 ? known.startMs + passed * WINDOW_MS : now, used }
    windows.set(product.id, window)
    return window
  }

  /** Seconds until a quota has something left, or is whole again. */
  const secondsLeft = ({ startMs, used }: Window, unit: Unit, quota: number) => {
    const windowsOwed = Math.max(1, Math.floor(used[unit] / quota))
    return Math.max(1, Math.ceil((startMs + windowsOwed * WINDOW_MS - nowMs()) / 1000))
  }

  const tell = (response: ServerResponse, window: Window) => {
    const policy = units.map(({ unit, quota }) => `"${unit}";q=${quota};w=${WINDOW_MS / 1000}`)
    const state = units.map(({ unit, quota }) => {
      const left = Math.max(0, Math.floor(quota - window.used[unit]))
      return `"${unit}";r=${left};t=${secondsLeft(window, unit, quota)}`
    })
    // draft-ietf-httpapi-ratelimit-headers-10
    response.setHeader('ratelimit-policy', policy.join(', '))
    response.setHeader('ratelimit', state.join(', '))
  }

  return {
    admit(response, product) {
      const window = windowOf(product)
      const spent = units.filter(({ unit, quota }) => window.used[unit] >= quota)
      if (spent.length === 0) window.used.requests++
      tell(response, window)
      if (spent.length === 0) return
      const retryAfterS = Math.max(...spent.map(({ unit, quota }) => secondsLeft(window, unit, quota)))
      const allowed = spent.map(({ unit, quota }) => `${quota.toLocaleString('en')} ${unit}`).join(' and ')
      throw new DomainError('rate_limited', `This product may send ${allowed} a minute.`, { retryAfterS })
    },
    spend(response, product, points) {
      const window = windowOf(product)
      window.used.points += points
      tell(response, window)
    },
  }
}

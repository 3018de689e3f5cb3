import { useSyncExternalStore } from 'react'

/**
 * How changes reach this tab. `live`: pushed over a WebSocket or an event stream. `reconnecting`: the connection broke and is
 * being made again. `polling`: neither transport opens, so queries ask every POLL_INTERVAL_MS. `offline`: no network.
 */
export type LiveState = 'live' | 'reconnecting' | 'polling' | 'offline'

export const POLL_INTERVAL_MS = 15_000
/** A connection that opens within this time is not worth an amber badge. */
const CONNECT_GRACE_MS = 2_000
/** Failed attempts of the fallback in a row after which queries poll. */
const FAILURES_BEFORE_POLLING = 3

let connection: 'live' | 'reconnecting' | 'polling' = 'live'
let failures = 0
let graceTimer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function set(next: typeof connection): void {
  if (next === connection) return
  connection = next
  for (const listener of listeners) listener()
}

/** Told by the subscription links: a stream is open. */
export function reportOpen(): void {
  clearTimeout(graceTimer)
  graceTimer = undefined
  failures = 0
  set('live')
}

/** Told by the subscription links: a stream is being opened, after an error when `failed`. */
export function reportConnecting(failed: boolean, isLastResort: boolean): void {
  if (failed && isLastResort) failures += 1
  if (failures >= FAILURES_BEFORE_POLLING) {
    clearTimeout(graceTimer)
    graceTimer = undefined
    set('polling')
    return
  }
  graceTimer ??= setTimeout(() => set('reconnecting'), CONNECT_GRACE_MS)
}

/** Told by the subscription links: nobody listens any more, so nothing is missing. */
export function reportIdle(): void {
  clearTimeout(graceTimer)
  graceTimer = undefined
  failures = 0
  set('live')
}

export function getLiveState(): LiveState {
  return navigator.onLine ? connection : 'offline'
}

export function subscribeLiveState(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

/** For the live badge and the connection notice. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribeLiveState, getLiveState)
}

import type { AppRouter } from '@trackable/api/client'
import { createWSClient, httpSubscriptionLink, type Operation, type TRPCLink, wsLink } from '@trpc/client'
import { observable, type Unsubscribable } from '@trpc/server/observable'
import superjson from 'superjson'
import { reportConnecting, reportIdle, reportOpen } from './live'
import { leaveIfSignedOut } from './session'

const WS_PATH = '/trpc-ws'
const SSE_PATH = '/trpc'
/** A proxy that never lets a WebSocket through is recognised at the second failure… */
const FAILURES_BEFORE_FALLBACK = 2
/** …but one that worked before is more likely a server that restarts. */
const FAILURES_BEFORE_FALLBACK_ONCE_OPEN = 6
const RETRY_BASE_MS = 500
const RETRY_MAX_MS = 15_000
/** An unused socket is closed after this long. */
const IDLE_CLOSE_MS = 30_000
/** Longer than the time between two pages, shorter than most proxies' idle limit. */
const PING_INTERVAL_MS = 20_000
const PONG_TIMEOUT_MS = 5_000
/** The server's close code for a session that ended. */
const CLOSE_SESSION_ENDED = 4401

/** Full jitter: after a restart of the server its viewers must not come back in the same instant. */
export function retryDelayMs(attempt: number): number {
  return Math.random() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** attempt)
}

type Transport = 'ws' | 'sse'
let transport: Transport = 'ws'
let wasOpen = false
let failures = 0
const switchers = new Set<() => void>()

function countFailure(): void {
  failures += 1
  const allowed = wasOpen ? FAILURES_BEFORE_FALLBACK_ONCE_OPEN : FAILURES_BEFORE_FALLBACK
  if (failures >= allowed) fallBack()
}

function fallBack(): void {
  if (transport === 'sse') return
  transport = 'sse'
  for (const switchOver of [...switchers]) switchOver()
}

function createWsTransport(): TRPCLink<AppRouter> {
  let isOpen = false
  const client = createWSClient({
    url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${WS_PATH}`,
    lazy: { enabled: true, closeMs: IDLE_CLOSE_MS },
    keepAlive: { enabled: true, intervalMs: PING_INTERVAL_MS, pongTimeoutMs: PONG_TIMEOUT_MS },
    retryDelayMs,
    onOpen() {
      isOpen = true
      wasOpen = true
      failures = 0
    },
    // A socket that never opened also ends with a close event, so failures are counted here alone.
    onClose(cause) {
      // A refused handshake tells a script nothing; the fallback is refused with an error that says why.
      if (cause?.code === CLOSE_SESSION_ENDED) fallBack()
      else if (!isOpen) countFailure()
      isOpen = false
    },
  })
  return wsLink({ client, transformer: superjson })
}

/**
 * Subscriptions over a WebSocket, and over server-sent events when no WebSocket opens. A running subscription moves to the
 * fallback by itself and hands over the id of the last event it saw, so that nothing is lost or doubled on the way.
 */
export const liveLink: TRPCLink<AppRouter> = (runtime) => {
  const links = {
    ws: createWsTransport()(runtime),
    sse: httpSubscriptionLink<AppRouter, typeof EventSource>({ url: SSE_PATH, transformer: superjson })(runtime),
  }
  return ({ op, next }) =>
    observable((observer) => {
      let lastEventId: string | undefined
      let current: Unsubscribable | undefined
      let generation = 0

      const start = () => {
        const mine = ++generation
        current?.unsubscribe()
        const via = transport
        current = links[via]({ op: resumed(op, lastEventId), next }).subscribe({
          next(envelope) {
            if (mine !== generation) return
            const { result } = envelope
            if (result.type === 'state') reportState(result.state, result.error !== null, via)
            else if ('id' in result && result.id !== undefined) lastEventId = result.id
            observer.next(envelope)
          },
          error(error) {
            if (mine !== generation) return
            leaveIfSignedOut(error)
            observer.error(error)
          },
          complete: () => mine === generation && observer.complete(),
        })
      }

      switchers.add(start)
      start()
      return () => {
        generation += 1
        switchers.delete(start)
        current?.unsubscribe()
        if (switchers.size === 0) reportIdle()
      }
    })
}

function resumed(op: Operation, lastEventId: string | undefined): Operation {
  if (lastEventId === undefined) return op
  return { ...op, input: { ...(op.input as object | undefined), lastEventId } }
}

function reportState(state: 'idle' | 'connecting' | 'pending', failed: boolean, via: Transport): void {
  if (state === 'pending') reportOpen()
  else if (state === 'connecting') reportConnecting(failed, via === 'sse')
}

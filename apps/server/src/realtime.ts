/** tRPC subscriptions over WebSocket, on the same port. Origin and session are checked before the handshake. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { appRouter, type Context, DomainError, resolveSession, type UserScope } from '@trackable/api'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Edge, pathOf, requestIdOf } from './edge'
import { encodeProblem, toDomainError } from './http/problem'
import { isOwnOrigin } from './http/security'
import { clientAddress, readSessionToken } from './http/session'
import { logFailure } from './http/trpc'
import type { EndReason, LiveConnections } from './live'

const PATH = '/trpc-ws'
/** A subscription's input is a few hundred bytes. */
const MESSAGE_BYTES_MAX = 64 * 1024
/** OV-11: subscribing to every widget of a page at once is some fifty messages. */
const MESSAGES_PER_SECOND_MAX = 200
/** OV-04: whoever reads so slowly is let go, and catches up by reading again. */
const UNSENT_BYTES_MAX = 1024 * 1024
const PING_MS = 30_000
const PONG_WAIT_MS = 10_000

/** Close codes: 1008 policy, 1012 restart (RFC 6455 registry), 4401 ours, after HTTP's 401. */
const CLOSE: Record<EndReason, [code: number, reason: string]> = {
  session_ended: [4401, 'session ended'],
  restart: [1012, 'service restart'],
}

interface Caller {
  user: UserScope
  requestId: string
}

export interface RealtimeOptions {
  ctx: Context
  edge: Edge
  live: LiveConnections
  trustedProxies: number
}

export interface Realtime {
  /** Tells every client to open a new connection; it may arrive at another process. */
  announceRestart(): void
  close(): void
}

export function createRealtime({ ctx, edge, live, trustedProxies }: RealtimeOptions): Realtime {
  const { publicUrl } = ctx.settings
  const wss = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false })
  const callers = new WeakMap<IncomingMessage, Caller>()

  const handler = applyWSSHandler({
    wss,
    router: appRouter,
    keepAlive: { enabled: true, pingMs: PING_MS, pongWaitMs: PONG_WAIT_MS },
    createContext: ({ req }) => {
      const caller = callers.get(req)
      return {
        ...ctx,
        requestId: caller?.requestId ?? '',
        user: caller?.user ?? null,
        ip: clientAddress(req, trustedProxies),
        userAgent: req.headers['user-agent'] ?? '',
        // A socket has no answer that could carry a cookie: signing in and out are HTTP requests.
        setSessionCookie: () => undefined,
      }
    },
    onError: ({ error, path, req }) => {
      const requestId = callers.get(req)?.requestId ?? ''
      const broken = protocolErrorOf(error)
      if (broken) return ctx.log.info({ code: broken, requestId }, 'a socket was closed for what it sent')
      logFailure(ctx, error, path, requestId)
    },
  })

  const admit = async (request: IncomingMessage): Promise<UserScope> => {
    if (edge.isDraining())
      throw new DomainError('unavailable', 'The server is stopping. Connect again.', { retryAfterS: 1 })
    if (pathOf(request) !== PATH) throw new DomainError('not_found', 'There is no socket at this address.')
    const { origin, host } = request.headers
    // Browsers always send an origin with a handshake; what sends none is not led astray by a foreign page.
    if (origin !== undefined && !isOwnOrigin(origin, host, publicUrl)) {
      throw new DomainError('cross_site_request', 'Sockets are open to pages of this server only.')
    }
    const user = await resolveSession(ctx, readSessionToken(request, publicUrl))
    if (!user) throw new DomainError('unauthenticated', 'Sign in to watch.')
    return user
  }

  const open = (socket: WebSocket, request: IncomingMessage, caller: Caller) => {
    guard(socket)
    const end = (reason: EndReason) => socket.close(...CLOSE[reason])
    const release = live.add({ user: caller.user, end })
    if (!release) return socket.close(1008, 'too many connections')
    socket.once('close', release)
    callers.set(request, caller)
    wss.emit('connection', socket, request)
  }

  const onUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that goes away in the middle of the handshake is not an error of ours.
    socket.on('error', () => socket.destroy())
    const requestId = requestIdOf(request)
    try {
      const user = await admit(request)
      if (!socket.destroyed) wss.handleUpgrade(request, socket, head, (ws) => open(ws, request, { user, requestId }))
    } catch (error) {
      refuse(socket, error, edge, { publicUrl, requestId })
    }
  }
  edge.server.on('upgrade', onUpgrade)

  return {
    announceRestart: () => handler.broadcastReconnectNotification(),
    close: () => {
      edge.server.off('upgrade', onUpgrade)
      for (const socket of wss.clients) socket.terminate()
      wss.close()
    },
  }
}

/** The code of ws for a frame that is too large or malformed, which the peer sent: no failure of ours. */
function protocolErrorOf({ cause }: Error): string | null {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return code.startsWith('WS_ERR_') ? code : null
}

/** Limits on what one socket may send and how much may wait for it. */
function guard(socket: WebSocket): void {
  socket.on('error', () => undefined) // a frame that is too large or malformed; ws closes the socket with its code
  let second = 0
  let count = 0
  socket.on('message', () => {
    const now = Math.floor(performance.now() / 1000)
    count = now === second ? count + 1 : 1
    second = now
    if (count > MESSAGES_PER_SECOND_MAX) socket.close(1008, 'too many messages')
  })
  const send = socket.send.bind(socket) as (...args: unknown[]) => void
  socket.send = ((...args: unknown[]) => {
    if (socket.bufferedAmount > UNSENT_BYTES_MAX) return socket.terminate()
    send(...args)
  }) as WebSocket['send']
}

/** The handshake is plain HTTP until it is accepted, so a refusal is an ordinary answer. */
function refuse(socket: Duplex, cause: unknown, edge: Edge, place: { publicUrl: string; requestId: string }): void {
  const problem = encodeProblem(toDomainError(cause), place)
  const headers = {
    ...edge.headers(),
    ...problem.headers,
    'x-request-id': place.requestId,
    'content-length': String(Buffer.byteLength(problem.body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${problem.status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${problem.body}`)
}

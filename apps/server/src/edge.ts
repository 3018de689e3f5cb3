/**
 * The node:http server in front of the application: what has to hold for every answer, also for those that no route
 * ever sees. Request id, security headers, framing errors, the log line, and the count of requests still in work.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { DomainError } from '@trackable/api'
import type { Logger } from 'pino'
import { isStreaming } from './http/body-stream'
import { encodeProblem } from './http/problem'
import { type Headers, securityHeaders, setHeaders } from './http/security'

/** OV-02: a client that sends its headers one by one is let go after ten seconds. */
const HEADERS_TIMEOUT_MS = 10_000
/** OV-03: and one that trickles its body after thirty. */
const REQUEST_TIMEOUT_MS = 30_000
const TIMEOUT_CHECK_MS = 5_000
/** Even the longest import has ended by then; a sender that stops in between is let go much sooner (body-stream.ts). */
const STREAM_TIMEOUT_MS = 60 * 60 * 1000
/** Longer than the 60 s of common proxies, so that the proxy is the one that closes: no request meets a closed door. */
const KEEP_ALIVE_MS = 75_000
const HEADER_BYTES_MAX = 16 * 1024
/** OV-09: beyond it connections are refused at once, before the process runs out of file descriptors. */
const CONNECTIONS_MAX = 20_000

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const REQUEST_ID = /^[A-Za-z0-9._:-]{8,64}$/

/** What a client has sent in good faith is on this machine by then. */
const LINGER_MS = 200

export interface EdgeOptions {
  /** Known after listening: port 0 takes a free one. */
  publicUrlOf(port: number): string
  log: Logger
  fetch: Parameters<typeof getRequestListener>[0]
  /** Answers that are logged at `debug` only. */
  isQuiet(path: string, status: number): boolean
  /** A body announced to be longer is answered without asking for it. */
  bodyBytesMax: number | ((request: IncomingMessage) => number)
  /** For tests. */
  requestTimeoutMs?: number
  timeoutCheckMs?: number
}

export interface Edge {
  server: Server
  /** The security headers; for answers that are written to a socket by hand. */
  headers(): Headers
  /** Resolves with the port. Rejects when it is taken. */
  listen(port: number, host: string): Promise<number>
  /** From now on every answer says `Connection: close`; requests are served as before. */
  drain(): void
  isDraining(): boolean
  /** Takes no new connection, answers what has been sent already (for `graceMs` at most), and closes the rest. */
  close(graceMs: number): Promise<void>
}

export function createEdge(options: EdgeOptions): Edge {
  const { log } = options
  let publicUrl = ''
  let headers: Headers = {}
  let isDraining = false
  let inFlight = 0
  let idleWaiters: (() => void)[] = []

  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, timeoutCheckMs = TIMEOUT_CHECK_MS } = options
  /** Requests whose body is not complete, and since when; in this order. */
  const arriving = new Map<IncomingMessage, number>()

  const listener = getRequestListener(options.fetch)

  const finished = (request: IncomingMessage, response: ServerResponse, startedAt: number) => {
    arriving.delete(request)
    if (--inFlight === 0) {
      for (const done of idleWaiters) done()
      idleWaiters = []
    }
    const path = pathOf(request)
    const { statusCode: status } = response
    if (options.isQuiet(path, status) && !log.isLevelEnabled('debug')) return
    const line = {
      requestId: response.getHeader('x-request-id'),
      method: request.method,
      // Without the query: it may carry a link's token or somebody's data.
      path,
      status,
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
      ...(response.writableFinished ? {} : { aborted: true }),
    }
    if (status >= 500) log.warn(line, 'request')
    else log.info(line, 'request')
  }

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const startedAt = performance.now()
    inFlight++
    if (!request.complete) arriving.set(request, startedAt)
    response.once('close', () => finished(request, response, startedAt))
    const requestId = requestIdOf(request)
    response.setHeader('x-request-id', requestId)
    setHeaders(response, headers)
    if (isDraining) response.setHeader('connection', 'close')
    const refusal = refuse(request)
    if (refusal) return sendProblem(response, refusal, publicUrl)
    void listener(request, response)
  }

  const server = createServer(
    {
      IncomingMessage: EdgeRequest,
      connectionsCheckingInterval: timeoutCheckMs,
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Node knows one limit for all requests: this is the one of the longest, and `endStalled` has the usual one.
      requestTimeout: STREAM_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      // Checked in `refuse`, where the answer gets its headers and its problem.
      requireHostHeader: false,
    },
    handle,
  )
  server.maxConnections = CONNECTIONS_MAX
  server.on('connection', (socket: Socket) => {
    socket.destroySoon = closeGently
  })
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const length = Number(request.headers['content-length'] ?? 0)
    const { bodyBytesMax } = options
    const bytesMax = typeof bodyBytesMax === 'number' ? bodyBytesMax : bodyBytesMax(request)
    if (length <= bytesMax) response.writeContinue()
    handle(request, response)
  })
  server.on('checkExpectation', handle)
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    answerFramingError(error, socket, headers, publicUrl),
  )

  const endStalled = () => {
    const before = performance.now() - requestTimeoutMs
    for (const [request, since] of arriving) {
      if (since > before) break
      arriving.delete(request)
      if (!request.complete && !isStreaming(request))
        answerFramingError(REQUEST_TIMEOUT, request.socket, headers, publicUrl)
    }
  }
  const stalledTimer = setInterval(endStalled, timeoutCheckMs).unref()

  return {
    server,
    headers: () => headers,
    listen: async (port, host) => {
      server.listen(port, host)
      await once(server, 'listening')
      const bound = (server.address() as AddressInfo).port
      publicUrl = options.publicUrlOf(bound)
      headers = securityHeaders(publicUrl)
      return bound
    },
    drain: () => {
      isDraining = true
    },
    isDraining: () => isDraining,
    close: async (graceMs) => {
      clearInterval(stalledTimer)
      await stopListening(server)
      // The first request of a connection that was just accepted, and the next of one that is kept alive.
      await sleep(LINGER_MS)
      const idle =
        inFlight === 0 ? Promise.resolve(true) : new Promise<true>((resolve) => idleWaiters.push(() => resolve(true)))
      const isIdle = await Promise.race([idle, sleep(graceMs, false, { ref: false })])
      if (!isIdle) log.warn({ requests: inFlight }, 'requests were still in work when their time was over')
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * Node hands a request over to the sockets as soon as it asks for any upgrade. Clients that would rather speak HTTP/2
 * (Java's among them) ask for `h2c` with every request to a plain address, and are to be served: a server may ignore
 * what it does not offer (RFC 9110, 7.8). `upgrade` is what Node's parser sets, and then asks again.
 */
class EdgeRequest extends IncomingMessage {
  // Without an initial value: the parent's constructor assigns through the setter before this class's fields exist.
  declare private wasAsked: boolean | null

  get upgrade(): boolean {
    return this.wasAsked === true && (this.method === 'CONNECT' || /\bwebsocket\b/i.test(this.headers.upgrade ?? ''))
  }

  set upgrade(wasAsked: boolean | null) {
    this.wasAsked = wasAsked
  }
}

/**
 * Closes the door and touches nobody inside. http's own close() also cuts connections without a request, among them
 * those whose request is just arriving. Right after a round of accepting, because whoever still waits outside is cut.
 */
async function stopListening(server: Server): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  NetServer.prototype.close.call(server)
}

/** The id that the caller gave, if it is one, so that a chain of services can be followed; else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

export function pathOf(request: IncomingMessage): string {
  const target = request.url ?? '/'
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}

/** What is refused before any route: odd methods (WH-12), no Host, and paths that try to leave their tree. */
function refuse(request: IncomingMessage): { error: DomainError; headers?: Record<string, string> } | undefined {
  if (!METHODS.has(request.method ?? '')) {
    const allow = [...METHODS].join(', ')
    return {
      error: new DomainError('method_not_allowed', `The method is not supported here. Allowed: ${allow}.`),
      headers: { allow },
    }
  }
  if (!request.headers.host && request.httpVersion !== '1.0') {
    return { error: new DomainError('invalid_request', 'The request has no Host header.') }
  }
  const coding = request.headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    // Where its body ends is anybody's guess, so the connection cannot be used for another request (RFC 9112, 6.1).
    return {
      error: new DomainError('invalid_request', 'Only the transfer encoding chunked is understood.'),
      headers: { connection: 'close' },
    }
  }
  if (!isAddress(request)) return { error: new DomainError('invalid_request', 'The address is not valid.') }
  const path = pathOf(request)
  if (/^\/[\w\-/.]*$/.test(path) && !path.includes('..')) return undefined
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return { error: new DomainError('invalid_request', 'The path is not valid percent-encoding.') }
  }
  if (decoded.includes('\0') || decoded.includes('\\') || /(^|\/)\.\.?(\/|$)/.test(decoded)) {
    return { error: new DomainError('not_found', 'There is nothing at this address.') }
  }
  return undefined
}

/** The application makes a URL of Host and target; whatever none can be made of ends here. */
function isAddress({ headers: { host = 'localhost' }, url = '/' }: IncomingMessage): boolean {
  if (!url.startsWith('/')) return URL.canParse(url)
  if (/^[A-Za-z0-9_-]+(\.[A-Za-z_-][A-Za-z0-9_-]*)*(:\d{1,5})?$/.test(host)) return true
  if (!URL.canParse(`http://${host}${url}`)) return false
  const { hostname } = new URL(`http://${host}`)
  return hostname.length === host.length || hostname === host.replace(/:\d+$/, '').toLowerCase()
}

export function sendProblem(
  response: ServerResponse,
  { error, headers = {} }: { error: DomainError; headers?: Record<string, string> },
  publicUrl: string,
): void {
  const requestId = String(response.getHeader('x-request-id') ?? '')
  const problem = encodeProblem(error, { publicUrl, requestId }, headers)
  response.writeHead(problem.status, { ...problem.headers, 'content-length': Buffer.byteLength(problem.body) })
  response.end(problem.body)
}

const REQUEST_TIMEOUT = Object.assign(new Error('the body did not arrive in time'), {
  code: 'ERR_HTTP_REQUEST_TIMEOUT',
})

const FRAMING_STATUS: Record<string, [status: number, reason: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    `The headers are longer than ${HEADER_BYTES_MAX} bytes.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request did not arrive in time.'],
}

/**
 * Bytes that are no HTTP request (IN-16): there is no request to answer, so the answer goes to the socket, which is
 * closed, because whatever follows in it cannot be told apart from an attack.
 */
/**
 * Closes a socket after its answer, and reads on for a moment. A socket that is closed while the client still sends its
 * body is reset by the kernel, and a reset takes the answer along that the client has not read yet: it would never learn
 * that its body is too large.
 */
function closeGently(this: Socket): void {
  if (this.destroyed) return
  if (this.writable) this.end()
  this.resume()
  const timer = setTimeout(() => this.destroy(), LINGER_MS).unref()
  this.once('end', () => this.destroy())
  this.once('close', () => clearTimeout(timer))
}

function answerFramingError(error: NodeJS.ErrnoException, socket: Socket, headers: Headers, publicUrl: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const open = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage
  if (open?.req.complete) {
    // The answer to an earlier request of this socket is still on its way: it is let through, and is the last one.
    open.shouldKeepAlive = false
    open.once('finish', () => socket.destroySoon())
    return
  }
  // What arrives is the body of the request in work, which will never be complete: nothing else would end the wait.
  if (open?.headersSent) return void socket.destroy()
  const [status, reason, detail] = FRAMING_STATUS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'This is not a valid HTTP request.',
  ]
  const requestId = String(open?.getHeader('x-request-id') ?? randomUUID())
  const problem = encodeProblem(new DomainError('invalid_request', detail), { publicUrl, requestId })
  const body = JSON.stringify({ ...(JSON.parse(problem.body) as object), status })
  const all = {
    ...headers,
    ...problem.headers,
    'x-request-id': requestId,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}

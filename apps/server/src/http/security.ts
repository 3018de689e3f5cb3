/** Headers that every answer carries, errors included: they are set before anything is routed. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Two years; browsers ask for one at least before they preload. */
const HSTS = 'max-age=63072000; includeSubDomains'

export type Headers = Readonly<Record<string, string>>

/**
 * The application's own policy. Nothing inline and nothing foreign runs. `blob:` is for charts saved as pictures, and
 * the sockets are named because older browsers do not count ws: as 'self'.
 */
export function contentSecurityPolicy(publicUrl: string, overrides: Readonly<Record<string, string>> = {}): string {
  const socketOrigin = publicUrl.replace(/^http/, 'ws')
  const directives: Record<string, string> = {
    'default-src': "'self'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'connect-src': `'self' ${socketOrigin}`,
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-src': "'self'",
    'frame-ancestors': "'none'",
    ...overrides,
  }
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join('; ')
}

/** Mails are shown in a frame of our own pages: no script, no network, no origin. */
export const PREVIEW_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"

export function securityHeaders(publicUrl: string): Headers {
  return {
    'content-security-policy': contentSecurityPolicy(publicUrl),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': HSTS } : {}),
  }
}

export function setHeaders(response: ServerResponse, headers: Headers): void {
  for (const name in headers) response.setHeader(name, headers[name] as string)
}

/**
 * Whether the browser says that a page of ours made the request (WH-05). `Sec-Fetch-Site` decides where it is sent,
 * `Origin` where it is not. With neither of them it was a program and no browser, or a plain GET of an old browser;
 * whoever brings a cookie along to change something has to name an origin.
 */
export function isSameSite(request: IncomingMessage, publicUrl: string): boolean {
  const site = request.headers['sec-fetch-site']
  if (typeof site === 'string') return site === 'same-origin' || site === 'none'
  const { origin, host, cookie } = request.headers
  if (origin !== undefined) return isOwnOrigin(origin, host, publicUrl)
  return request.method === 'GET' || request.method === 'HEAD' || cookie === undefined
}

/** The public address, or the very host that was asked: a proxy that rewrites Host is covered by the first. */
export function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string): boolean {
  if (origin === publicUrl) return true
  try {
    return host !== undefined && new URL(origin).host === host.toLowerCase()
  } catch {
    return false // "null", or not an origin at all
  }
}

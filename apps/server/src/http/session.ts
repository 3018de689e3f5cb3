import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'

/** `__Host-` makes browsers refuse the cookie from a subdomain, without Secure or with another path (ASVS 3.3.3). */
export const cookieName = (publicUrl: string) =>
  publicUrl.startsWith('https:') ? '__Host-trackable_session' : 'trackable_session'

/** The secret of the session cookie, or null. The first of several wins, as browsers order them by path. */
export function readSessionToken(request: IncomingMessage, publicUrl: string): string | null {
  const name = `${cookieName(publicUrl)}=`
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const pair = part.trim()
    if (pair.startsWith(name)) return pair.slice(name.length) || null
  }
  return null
}

/** The Set-Cookie line that signs in (a token) or out (null). Lax: links from a mail arrive signed in, forms do not. */
export function writeSessionCookie(publicUrl: string, token: string | null, expiresAt: Date | null): string {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  const expires = token ? (expiresAt ? `; Expires=${expiresAt.toUTCString()}` : '') : '; Max-Age=0'
  return `${cookieName(publicUrl)}=${token ?? ''}; Path=/; HttpOnly; SameSite=Lax${secure}${expires}`
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i

/**
 * Says once that session cookies cross a network in the clear: they do when somebody signs in over http from another
 * machine. The sign-in works, because a LAN without certificates is a fair place to try things out.
 */
export function createCookieWarning(log: Pick<Logger, 'warn'>, publicUrl: string) {
  let hasWarned = false
  return (host: string | undefined): void => {
    if (hasWarned || publicUrl.startsWith('https:') || LOOPBACK.test(host ?? '')) return
    hasWarned = true
    log.warn(
      { host },
      'somebody signed in over http: anybody on the network between can read the session cookie. Serve https and set PUBLIC_URL to it',
    )
  }
}

/**
 * Who is asking, for limits and the log (WH-11). X-Forwarded-For is what anybody wrote, except for the entries that our
 * own proxies added at its end: with `proxies` of them, the one before the last `proxies - 1` is the caller.
 */
export function clientAddress(request: IncomingMessage, proxies: number): string {
  const peer = request.socket.remoteAddress ?? ''
  if (proxies === 0) return peer
  const chain = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  return chain[chain.length - proxies] ?? peer
}

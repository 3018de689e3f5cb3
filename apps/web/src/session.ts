import { paths, patterns } from './paths'
import { toProblem } from './problem'

/** The session ended: sign in, and come back to the same page. A full load also empties every cache of the last user. */
export function leaveIfSignedOut(error: unknown): void {
  if (toProblem(error).code !== 'unauthenticated') return
  const { pathname, search, hash } = window.location
  if (pathname === patterns.login) return
  window.location.assign(paths.login(pathname + search + hash))
}

/** Long pieces of work share the event loop: of all requests together, one piece runs in each of its turns. */
import { setImmediate } from 'node:timers/promises'

/** What is read from so many bytes, or so many points, holds the event loop for about a millisecond. */
export const LONG_BYTES = 64 * 1024
export const LONG_POINTS = 500

let last: Promise<unknown> = Promise.resolve()

/**
 * Resolves when the caller may hold the event loop for some milliseconds. Whoever asks next has the turn after that, and
 * sockets are read and short requests answered in between; bodies that arrive together would otherwise be parsed one
 * after the other in a single turn.
 */
export function takeTurn(): Promise<unknown> {
  last = last.then(() => setImmediate())
  return last
}

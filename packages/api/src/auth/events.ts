import type { Bus } from '../kernel/bus'

/** Carries the id of a session that was ended, so that every process closes the sockets it holds for it. */
const SESSION_ENDED = 'sessions'

export const publishSessionEnded = (bus: Bus, sessionId: string) => bus.publish(SESSION_ENDED, sessionId)

/** After a gap of the bus, check the sessions of open sockets again (`isSessionAlive`). */
export const subscribeSessionEnded = (bus: Bus, handler: (sessionId: string) => void) =>
  bus.subscribe(SESSION_ENDED, handler)

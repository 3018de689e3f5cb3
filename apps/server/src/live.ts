/**
 * The open connections of people who watch (sockets and event streams): they outlive the request that opened them, so
 * somebody has to end them when the session ends or the process stops.
 */
import { type Context, isSessionAlive, subscribeSessionEnded, type UserScope } from '@trackable/api'

/** A session that ended without a word on the bus (expired, deleted by hand) is found this soon. */
const RECHECK_MS = 4_000
/** Sessions asked for in one round, oldest answer first: with more of them than this the rounds take turns. */
const RECHECKS_PER_ROUND = 200
/** OV-11: a page needs one connection; a hundred tabs are a bug or an attack. */
export const CONNECTIONS_PER_USER_MAX = 100

export type EndReason = 'session_ended' | 'restart'

export interface LiveConnection {
  user: UserScope
  end(reason: EndReason): void
}

export interface LiveConnections {
  /** Returns the function that takes the connection out again, or null when the person has too many. */
  add(connection: LiveConnection): (() => void) | null
  count(): number
  /** Ends all, spread over `spreadMs` so that a restart does not bring everybody back in the same instant. */
  endAll(spreadMs: number): Promise<void>
  close(): void
}

interface WatchedSession {
  user: UserScope
  connections: Set<LiveConnection>
}

export function createLiveConnections(ctx: Context): LiveConnections {
  /** In the order of the last check: Map keeps it, and a checked session is put at the end again. */
  const sessions = new Map<string, WatchedSession>()
  const perUser = new Map<string, number>()
  let isChecking = false

  const remove = (connection: LiveConnection) => {
    const { sessionId, userId } = connection.user
    const session = sessions.get(sessionId)
    if (!session?.connections.delete(connection)) return
    if (session.connections.size === 0) sessions.delete(sessionId)
    const left = (perUser.get(userId) ?? 1) - 1
    if (left > 0) perUser.set(userId, left)
    else perUser.delete(userId)
  }

  const endSession = (sessionId: string) => {
    for (const connection of [...(sessions.get(sessionId)?.connections ?? [])]) connection.end('session_ended')
  }

  const recheck = async () => {
    if (isChecking) return
    isChecking = true
    try {
      for (const [sessionId, session] of [...sessions].slice(0, RECHECKS_PER_ROUND)) {
        if (!(await isSessionAlive(ctx, session.user))) endSession(sessionId)
        else if (sessions.delete(sessionId)) sessions.set(sessionId, session)
      }
    } catch (error) {
      // While the database is away nobody can be shown to have left; the next round asks again.
      ctx.log.debug({ err: error }, 'sessions of open connections not checked')
    } finally {
      isChecking = false
    }
  }

  const timer = setInterval(recheck, RECHECK_MS).unref()
  const unsubscribe = subscribeSessionEnded(ctx.bus, endSession)
  const offGap = ctx.bus.onGap(() => void recheck())

  return {
    add(connection) {
      const { user } = connection
      const count = perUser.get(user.userId) ?? 0
      if (count >= CONNECTIONS_PER_USER_MAX) return null
      perUser.set(user.userId, count + 1)
      const session = sessions.get(user.sessionId) ?? { user, connections: new Set() }
      session.connections.add(connection)
      sessions.set(user.sessionId, session)
      return () => remove(connection)
    },
    count: () => [...perUser.values()].reduce((sum, n) => sum + n, 0),
    async endAll(spreadMs) {
      const all = [...sessions.values()].flatMap((session) => [...session.connections])
      await Promise.all(
        all.map(async (connection, i) => {
          await new Promise((resolve) => setTimeout(resolve, (i / all.length) * spreadMs))
          connection.end('restart')
        }),
      )
    },
    close() {
      clearInterval(timer)
      unsubscribe()
      offGap()
    },
  }
}

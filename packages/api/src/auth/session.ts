/**
 * How long a session lives. Both ends are enforced on the server, by one column: `expires_at` is the earlier of
 * "idle too long" and "old", and moves forward with use until it meets the latter.
 */
const DAY_MS = 24 * 60 * 60 * 1000
/** Unused for this long, a session ends: a browser that was given away does not stay signed in. */
export const SESSION_IDLE_MS = 14 * DAY_MS
/** However much used, a session ends after this long, and the person signs in again. */
export const SESSION_AGE_MS_MAX = 60 * DAY_MS
/** Noting the last use costs a write; once a minute is exact enough for a limit of days. */
export const SESSION_TOUCH_MS = 60_000

export const sessionEndsAt = (createdAt: Date) => new Date(createdAt.getTime() + SESSION_AGE_MS_MAX)

export const sessionExpiresAt = (createdAt: Date, lastSeenAt: Date) =>
  new Date(Math.min(lastSeenAt.getTime() + SESSION_IDLE_MS, sessionEndsAt(createdAt).getTime()))

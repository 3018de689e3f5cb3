/** Postgres says that it is starting, stopping or full of connections; the network says that nobody is there. */
const DATABASE_AWAY = new Set([
  ...['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08004', '08006'],
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'P1001',
    'P1002',
    'P1008',
    'P1017',
    'P2024',
  ],
])

const WORDS =
  /timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable|Can't reach database server/

/** An error of Postgres, of the network, or of Prisma, which puts the driver's below `meta`. */
interface Failure {
  code?: unknown
  originalCode?: unknown
  message?: unknown
  errors?: unknown
  cause?: unknown
  meta?: { driverAdapterError?: unknown }
}

/** True when an error, or what caused it, says that the database cannot be reached at the moment. */
export function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false
  const { code, originalCode, message, errors, cause, meta } = error as Failure
  if (DATABASE_AWAY.has(String(code)) || DATABASE_AWAY.has(String(originalCode))) return true
  if (typeof message === 'string' && WORDS.test(message)) return true
  const below = [cause, meta?.driverAdapterError, ...(Array.isArray(errors) ? errors : [])]
  return below.some((one) => isDatabaseAway(one, depth + 1))
}

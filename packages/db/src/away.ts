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

/** True when an error, or what caused it, says that the database cannot be reached at the moment. */
export function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false
  if (DATABASE_AWAY.has(String((error as { code?: unknown }).code))) return true
  if (/timeout exceeded when trying to connect|Connection terminated|Can't reach database server/.test(error.message))
    return true
  if (error instanceof AggregateError && error.errors.some((e) => isDatabaseAway(e, depth + 1))) return true
  return isDatabaseAway(error.cause, depth + 1)
}

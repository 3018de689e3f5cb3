import { REDACTED_PATHS } from '@trackable/api'
import { type DestinationStream, destination, type Logger, pino } from 'pino'
import type { Env } from './env'

export interface LogTarget {
  /** File descriptor: 1 for the server, 2 for commands, whose answer alone belongs on standard output. */
  fd: 1 | 2
}

export function createLog(env: Pick<Env, 'LOG_LEVEL' | 'LOG_FORMAT'>, { fd }: LogTarget): Logger {
  const stream = fd === 1 ? process.stdout : process.stderr
  const isText = env.LOG_FORMAT === 'text' || (env.LOG_FORMAT === 'auto' && stream.isTTY)
  return createLogTo(env.LOG_LEVEL, isText ? textStream(stream) : destination({ fd, sync: true }))
}

/** The same logger over any stream: tests read what it writes. */
export function createLogTo(level: string, stream: DestinationStream): Logger {
  return pino({ level, base: null, redact: { paths: REDACTED_PATHS, censor: '[hidden]' } }, stream)
}

const LEVELS: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'ERROR', 60: 'FATAL' }

/** One readable line per entry: time, level unless it is info, message, the rest as name=value, a stack below. */
function textStream(out: NodeJS.WriteStream): DestinationStream {
  return {
    write(line: string) {
      const { time, level, msg, err, ...rest } = JSON.parse(line) as {
        time: number
        level: number
        msg?: string
        err?: { message?: string; stack?: string }
      } & Record<string, unknown>
      const clock = new Date(time).toISOString().slice(11, 23)
      const name = level === 30 ? '' : `${LEVELS[level] ?? level} `
      const fields = Object.entries(rest).map(([k, v]) => ` ${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`)
      out.write(`${clock} ${name}${msg ?? err?.message ?? ''}${fields.join('')}\n${err?.stack ? `${err.stack}\n` : ''}`)
    },
  }
}

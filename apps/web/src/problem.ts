import { TRPCClientError } from '@trpc/client'

/** An error as a page shows it: a sentence, the request id to quote, and findings by form field. */
export interface Problem {
  /** A code of docs/errors.md, or `network` when no answer came. */
  code: string
  message: string
  httpStatus: number | null
  requestId: string | undefined
  /** Messages by field name, from the pointers of the server's findings: `/email` is `email`, `/schedule/hour` is `schedule.hour`. */
  fields: Record<string, string>
}

interface ErrorData {
  error?: string
  httpStatus?: number
  requestId?: string | null
  errors?: { pointer: string; detail: string }[]
}

/** The one translation from whatever was thrown to what is shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof TRPCClientError) {
    const data = error.data as ErrorData | null | undefined
    if (data?.error) {
      return {
        code: data.error,
        message: error.message,
        httpStatus: data.httpStatus ?? null,
        requestId: data.requestId ?? undefined,
        fields: toFields(data.errors ?? []),
      }
    }
  }
  if (error instanceof Error && isChunkError(error)) {
    return plain(
      'outdated',
      'This part of the application could not be loaded: the server does not answer, or was updated. Reload the page.',
    )
  }
  if (error instanceof TRPCClientError) {
    const text = navigator.onLine
      ? 'The server could not be reached. Check that it runs, then try again.'
      : 'You are offline. Reconnect, then try again.'
    return plain('network', text)
  }
  return plain('internal', 'Something on this page failed. Reloading usually helps.')
}

function plain(code: string, message: string): Problem {
  return { code, message, httpStatus: null, requestId: undefined, fields: {} }
}

/** A lazy page of the previous release is gone after a deployment. */
function isChunkError(error: Error): boolean {
  return /dynamically imported module|Importing a module script failed|Unable to preload/i.test(error.message)
}

function toFields(errors: { pointer: string; detail: string }[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const { pointer, detail } of errors) {
    const name = pointer
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .join('.')
    if (name !== '') fields[name] ??= detail
  }
  return fields
}

/** Asking again can help: no answer, or the server said that it is its own fault or busy. */
export function isTransient(problem: Problem): boolean {
  return problem.code === 'network' || problem.httpStatus === 429 || (problem.httpStatus ?? 0) >= 500
}

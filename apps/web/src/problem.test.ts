import { TRPCClientError } from '@trpc/client'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isTransient, toProblem } from './problem'

const answer = (data: object) =>
  TRPCClientError.from({ error: { code: -32600, message: 'Said by the server.', data } } as never)

afterEach(() => vi.unstubAllGlobals())

describe('toProblem', () => {
  test('an error of the server keeps its words, its request id and its findings by field', () => {
    const problem = toProblem(
      answer({
        error: 'invalid_request',
        httpStatus: 400,
        requestId: 'req-12345678',
        errors: [
          { pointer: '/email', code: 'invalid', detail: 'Enter an address.' },
          { pointer: '/email', code: 'too_long', detail: 'Never shown: the first finding of a field counts.' },
          { pointer: '/schedule/hour', code: 'too_big', detail: 'At most 23.' },
          { pointer: '/a~1b', code: 'invalid', detail: 'Escaped slash.' },
          { pointer: '', code: 'invalid', detail: 'About the whole body.' },
        ],
      }),
    )
    expect(problem).toEqual({
      code: 'invalid_request',
      message: 'Said by the server.',
      httpStatus: 400,
      requestId: 'req-12345678',
      fields: { email: 'Enter an address.', 'schedule.hour': 'At most 23.', 'a/b': 'Escaped slash.' },
    })
  })

  test('no answer is told apart from a refusal, and may be asked again', () => {
    vi.stubGlobal('navigator', { onLine: true })
    const problem = toProblem(TRPCClientError.from(new TypeError('Failed to fetch')))
    expect(problem.code).toBe('network')
    expect(problem.message).not.toContain('fetch')
    expect(isTransient(problem)).toBe(true)
    expect(isTransient(toProblem(answer({ error: 'forbidden', httpStatus: 403 })))).toBe(false)
    expect(isTransient(toProblem(answer({ error: 'overloaded', httpStatus: 503 })))).toBe(true)
  })

  test('a page of the previous release asks for a reload, and words of the browser are never shown', () => {
    expect(toProblem(new TypeError('Failed to fetch dynamically imported module: /assets/x.js')).code).toBe('outdated')
    expect(toProblem(new Error("Cannot read properties of undefined (reading 'x')")).message).not.toContain('undefined')
  })
})

import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { readBody } from './body'

/** A request as `readBody` sees it: a stream with headers. */
const sending = (headers: Record<string, string> = {}) =>
  Object.assign(new PassThrough(), { headers }) as unknown as IncomingMessage & PassThrough

test('IN-13: bodies in flight are counted together; one too many is asked to come back, and the others go on', async () => {
  const [first, second, third] = [sending(), sending(), sending()]
  const one = readBody(first, 1000, 1500)
  first.write(Buffer.alloc(900))
  await new Promise(setImmediate)
  const two = readBody(second, 1000, 1500)
  second.write(Buffer.alloc(900))
  await expect(two).rejects.toMatchObject({ code: 'overloaded', retryAfterS: 1 })

  first.end()
  expect((await one).length).toBe(900)
  // What was read is given back, by the one that was refused too.
  const three = readBody(third, 1000, 1500)
  third.end(Buffer.alloc(1000))
  expect((await three).length).toBe(1000)
})

import { tracked } from '@trpc/server'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { trackedStream } from './stream'

const Event = z.object({ n: z.number() })

async function* source(events: unknown[], onEnd = () => {}) {
  try {
    for (const event of events) yield event
  } finally {
    onEnd()
  }
}

test('AZ-04: an event is cut to its schema and keeps its id', async () => {
  const stream = trackedStream(Event).parse(source([tracked('7', { n: 1, secret: 'x' })]))
  const seen = []
  for await (const [id, data] of stream) seen.push([id, data])
  expect(seen).toEqual([['7', { n: 1 }]])
})

test('an event that does not fit, or has no id, ends the stream with an error', async () => {
  const misfit = trackedStream(Event).parse(source([tracked('7', { n: 'one' })]))
  await expect(misfit.next()).rejects.toThrow('expected number')
  const bare = trackedStream(Event).parse(source([{ n: 1 }]))
  await expect(bare.next()).rejects.toThrow('without tracked()')
})

test('a reader that goes away ends the source', async () => {
  let hasEnded = false
  const stream = trackedStream(Event).parse(
    source([tracked('1', { n: 1 }), tracked('2', { n: 2 })], () => (hasEnded = true)),
  )
  await stream.next()
  await stream.return()
  expect(hasEnded).toBe(true)
})

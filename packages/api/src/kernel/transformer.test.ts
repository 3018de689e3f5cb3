import fc from 'fast-check'
import superjson from 'superjson'
import { expect, test } from 'vitest'
import { transformer } from './transformer'

/** What the wire makes of it: text, and back. */
const send = (value: unknown) => transformer.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value))))

function outcomeOf(run: () => unknown): unknown {
  try {
    return { value: run() }
  } catch (error) {
    return String(error)
  }
}

test('whatever is sent arrives as superjson would bring it', () => {
  const odd = fc.constantFrom(
    undefined,
    Number.NaN,
    -0,
    Number.POSITIVE_INFINITY,
    10n,
    new Date(0),
    new Set([1]),
    new Map(),
  )
  const leaf = fc.oneof(fc.jsonValue(), odd)
  const value = fc.oneof(
    leaf,
    fc.array(leaf),
    fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z.\\]{1,4}$/), fc.constant('prototype')), leaf),
  )
  fc.assert(
    fc.property(value, (sent) => {
      // What superjson refuses to send, such as a field called "prototype", is refused here, too.
      expect(outcomeOf(() => send(sent))).toStrictEqual(outcomeOf(() => superjson.parse(superjson.stringify(sent))))
    }),
  )
})

test('plain data is sent as it is, and a browser that knows superjson alone reads it', () => {
  const points = {
    series: [
      {
        key: 'a',
        points: [
          [1, 2.5],
          [2, null],
        ],
      },
    ],
  }
  const sent = transformer.serialize(points)
  expect(sent).toEqual({ json: points })
  expect(sent.json).toBe(points)
  expect(superjson.deserialize(sent)).toEqual(points)
})

test.each(['constructor', 'prototype', '__proto__'])('a field named %s is refused as superjson does', (name) => {
  const record = Object.defineProperty({}, name, { value: 1, enumerable: true })
  expect(() => transformer.serialize(record)).toThrow()
})

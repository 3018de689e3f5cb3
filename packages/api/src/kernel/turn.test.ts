import { expect, test } from 'vitest'
import { takeTurn } from './turn'

test('OV-08: of long pieces of work that begin together, each has a turn of the event loop for itself', async () => {
  let turn = 0
  let counting = setImmediate(function count() {
    turn++
    counting = setImmediate(count)
  })
  const turns: number[] = []
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      await takeTurn()
      turns.push(turn)
    }),
  )
  clearImmediate(counting)
  expect(new Set(turns).size).toBe(5)
  expect(turns).toEqual(turns.toSorted((a, b) => a - b))
})

import type { Bus } from '../kernel/bus'
import type { Context } from '../kernel/context'
import { announceDeltas } from '../metric/events'
import { createPointWriter, type PointWriter } from './writer'

const writers = new WeakMap<Bus, PointWriter>()

/**
 * The process's writer. Procedures are given a context and no writer; requests have contexts of their own, which share
 * the bus. Created by whoever asks first: the server when it starts, which also closes it.
 */
export function sharedWriterOf(ctx: Context): PointWriter {
  const known = writers.get(ctx.bus)
  if (known) return known
  const writer = createPointWriter(ctx, { onStored: (points) => announceDeltas(ctx.bus, points) })
  writers.set(ctx.bus, writer)
  return writer
}

import type { Bus } from '../kernel/bus'
import type { Context } from '../kernel/context'
import type { ProductScope } from '../kernel/scope'
import { PointsStored } from './schema'

/** Room for the names in one message of the bus; beyond it the message says "any of them". */
const NAMES_BYTES_MAX = 6000
/** In `metrics`: any metric may have changed, read again whatever is shown. */
export const ALL_METRICS = '*'

export const pointsTopic = (productPublicId: string) => `points.${productPublicId}`

/** A hint, sent after the COMMIT: points of these metrics are visible now. `at` is epoch ms. */
export function publishPointsStored(bus: Bus, productPublicId: string, names: Iterable<string>, at: number) {
  const metrics = [...names]
  const text = JSON.stringify({ metrics, at } satisfies PointsStored)
  const fits = text.length * 3 <= NAMES_BYTES_MAX || Buffer.byteLength(text) <= NAMES_BYTES_MAX
  return bus.publish(pointsTopic(productPublicId), fits ? text : JSON.stringify({ metrics: [ALL_METRICS], at }))
}

export const parsePointsStored = (text: string): PointsStored => PointsStored.parse(JSON.parse(text))

export const mergePointsStored = (earlier: PointsStored, later: PointsStored): PointsStored => ({
  metrics: [...new Set([...earlier.metrics, ...later.metrics])],
  at: later.at,
})

/** Counts the commits of this process for each product, so that a query is never answered from before a commit. */
const generations = new WeakMap<Bus, Map<string, number>>()

/** To be called after the COMMIT and before it is acknowledged. */
export function markStored(bus: Bus, productPublicId: string): void {
  let ofBus = generations.get(bus)
  if (!ofBus) {
    ofBus = new Map()
    generations.set(bus, ofBus)
  }
  ofBus.set(productPublicId, (ofBus.get(productPublicId) ?? 0) + 1)
}

export const storedGeneration = (bus: Bus, productPublicId: string): number =>
  generations.get(bus)?.get(productPublicId) ?? 0

/** Points of these metrics went away, or came under another name: whoever has read them reads them again. */
export async function noteChange(
  ctx: Pick<Context, 'bus' | 'clock'>,
  product: Pick<ProductScope, 'id' | 'publicId'>,
  names: readonly string[],
): Promise<void> {
  markStored(ctx.bus, product.publicId)
  announceDeltas(ctx.bus, new Map([[product.id, 0]]))
  await publishPointsStored(ctx.bus, product.publicId, names, ctx.clock.now().getTime())
}

type DeltasHandler = (points: ReadonlyMap<number, number>) => void
const deltaHandlers = new WeakMap<Bus, Set<DeltasHandler>>()

/** To be called after a COMMIT: so many points of each product (by storage key) wait to be rolled up. */
export function announceDeltas(bus: Bus, points: ReadonlyMap<number, number>): void {
  for (const handler of deltaHandlers.get(bus) ?? []) handler(points)
}

/** In this process only: whoever misses it finds the deltas in the database. Returns the function that ends it. */
export function onDeltas(bus: Bus, handler: DeltasHandler): () => void {
  const handlers = deltaHandlers.get(bus) ?? new Set()
  deltaHandlers.set(bus, handlers.add(handler))
  return () => handlers.delete(handler)
}

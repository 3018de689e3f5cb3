/**
 * What was read and still holds. A value is kept until points of its product are stored, by this process or another, and
 * at most for its time; the same question asked while it is being answered is answered once (OV-15). And the turns of a
 * product at the database: one that asks too much waits for itself and keeps nobody else from reading (OV-06).
 *
 * Every key begins with the product, so that no answer crosses from one to another (AZ-07).
 */
import { LRUCache } from 'lru-cache'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { markStored, pointsTopic, storedGeneration } from './events'

interface Entry {
  value: unknown
  generation: number
  /** Epoch ms of the clock: from, and before which it holds. */
  from: number
  until: number
}

interface State {
  entries: LRUCache<string, Entry>
  flights: Map<string, Promise<unknown>>
  turns: Map<number, Turns>
}

/** Some 500 year-long charts of ten series; a process should not grow by more for what can be read again. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024
const ENTRY_BYTES_MAX = 4 * 1024 * 1024

const states = new WeakMap<Context['db'], State>()

function stateOf(ctx: Context): State {
  let state = states.get(ctx.db)
  if (!state) {
    state = {
      entries: new LRUCache({ maxSize: CACHE_BYTES_MAX, maxEntrySize: ENTRY_BYTES_MAX }),
      flights: new Map(),
      turns: new Map(),
    }
    states.set(ctx.db, state)
  }
  return state
}

export interface MemoOptions<T> {
  /** How long it holds when nothing is stored; 0 keeps nothing. */
  ttlMs: number | ((value: T) => number)
  /** An estimate, for what is large. */
  bytesOf?: (value: T) => number
}

const SMALL_BYTES = 1024

/** Answers are shared: nobody may change one. */
export function memoize<T>(
  ctx: Context,
  product: ProductScope,
  name: string,
  options: MemoOptions<T> | number,
  load: () => Promise<T>,
): Promise<T> {
  const { ttlMs, bytesOf } = typeof options === 'number' ? { ttlMs: options, bytesOf: undefined } : options
  const { entries, flights } = stateOf(ctx)
  listen(ctx, product)
  const generation = storedGeneration(ctx.bus, product.publicId)
  const now = ctx.clock.now().getTime()
  const key = `${product.id} ${name}`
  const known = entries.get(key)
  if (known && known.generation === generation && now >= known.from && now < known.until) {
    return Promise.resolve(known.value as T)
  }
  const flightKey = `${generation} ${key}`
  const flying = flights.get(flightKey)
  if (flying) return flying as Promise<T>
  const flight = load()
    .then((value) => {
      const ms = typeof ttlMs === 'number' ? ttlMs : ttlMs(value)
      const size = key.length + SMALL_BYTES + (bytesOf?.(value) ?? 0)
      if (ms > 0) entries.set(key, { value, generation, from: now, until: now + ms }, { size })
      return value
    })
    .finally(() => flights.delete(flightKey))
  flights.set(flightKey, flight)
  return flight
}

const listened = new WeakMap<Context['bus'], Set<string>>()

/**
 * Commits of other processes are told by the bus, once for each product that was ever asked about: a set of names is what
 * it costs. Whoever missed messages forgets everything by counting every product on.
 */
function listen({ bus }: Context, { publicId }: ProductScope): void {
  let products = listened.get(bus)
  if (!products) {
    const names = new Set<string>()
    products = names
    listened.set(bus, names)
    bus.onGap(() => {
      for (const name of names) markStored(bus, name)
    })
  }
  if (products.has(publicId)) return
  products.add(publicId)
  bus.subscribe(pointsTopic(publicId), () => markStored(bus, publicId))
}

interface Turns {
  running: number
  waiting: (() => void)[]
}

/** More than a page of charts asks for; beyond it somebody runs wild. */
const WAITING_MAX = 200
const WAIT_MS_MAX = 20_000
const RETRY_AFTER_S = 5

const overloaded = () =>
  new DomainError('overloaded', 'This product asks more than can be read at once. Ask again shortly.', {
    retryAfterS: RETRY_AFTER_S,
  })

/** A statement may take two connections, and two are left to the others. */
const turnsMax = (ctx: Context) => Math.max(1, Math.floor(ctx.db.pools.query.options.max / 2) - 1)

/** Runs a heavy statement when it is the product's turn. Throws `overloaded` when too many wait, or one waits too long. */
export const takeSlot = <T>(ctx: Context, product: ProductScope, run: () => Promise<T>): Promise<T> =>
  inTurn(stateOf(ctx).turns, product.id, turnsMax(ctx), run)

/** Where all products wait together: their own numbers begin at 1. */
const WIDE = 0

/**
 * Runs what has to hold very many groups in memory: 100 MB for 100,000 of them, so that of all products one does at a
 * time. Throws like `takeSlot`.
 */
export const takeWideSlot = <T>(ctx: Context, run: () => Promise<T>): Promise<T> =>
  inTurn(stateOf(ctx).turns, WIDE, 1, run)

async function inTurn<T>(turns: Map<number, Turns>, key: number, max: number, run: () => Promise<T>): Promise<T> {
  let own = turns.get(key)
  if (!own) {
    own = { running: 0, waiting: [] }
    turns.set(key, own)
  }
  if (own.running >= max) await waitForTurn(own)
  else own.running++
  try {
    return await run()
  } finally {
    // The turn goes to the next who waits; it was counted once and stays counted.
    const next = own.waiting.shift()
    if (next) next()
    else own.running--
    if (own.running === 0) turns.delete(key)
  }
}

function waitForTurn(own: Turns): Promise<void> {
  if (own.waiting.length >= WAITING_MAX) return Promise.reject(overloaded())
  return new Promise((resolve, reject) => {
    const take = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      own.waiting.splice(own.waiting.indexOf(take), 1)
      reject(overloaded())
    }, WAIT_MS_MAX)
    timer.unref()
    own.waiting.push(take)
  })
}

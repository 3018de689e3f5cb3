import type { Bus } from '../kernel/bus'
import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import { API_KEY_PREFIX, hasKeyChecksum } from '../kernel/secrets'
import { subscribeKeysChanged } from './events'
import type { API_KEY_SCOPES } from './schema'

export type ApiKeyScope = (typeof API_KEY_SCOPES)[number]

/** What a replica that missed the revocation still lets through, at the longest (AU-25 asks for 5 s). */
export const KEY_TTL_MS = 5_000
/** A key that was just created in another window must not be refused for long. */
export const UNKNOWN_KEY_TTL_MS = 1_000
/** About 300 bytes each. Senders with more keys than this only ask the database more often. */
const KEYS_MAX = 10_000
/** Apart from the good ones, so that a flood of bad keys cannot push those out. */
const UNKNOWN_KEYS_MAX = 1_000
/** Longer than any header of ours can be; not remembered, not looked up. */
export const AUTHORIZATION_CHARS_MAX = 512

export interface KnownKey {
  id: string
  scopes: readonly string[]
  product: ProductScope
}

interface Entry {
  /** Null is remembered too: the header carries no valid key, for the reason given. */
  key: KnownKey | null
  refusal: string
  at: number
}

export type LoadedKey = Omit<Entry, 'at'>

/**
 * Remembers which header opens which product. The map is keyed by the text of the whole Authorization header: a hit then
 * costs one look-up, while hashing first would cost a SHA-256 (and parsing) for each of 15,000 requests a second. The
 * price is that key texts stay in memory for as long as they are in use, where the requests that carry them are anyway;
 * the database and the logs never see them. V8 compares whole strings only after equal 32-bit hashes with a random seed,
 * so the time of a look-up tells nothing about a key.
 */
export class KeyCache {
  readonly #known = new Map<string, Entry>()
  readonly #unknown = new Map<string, Entry>()
  readonly #loading = new Map<string, Promise<LoadedKey>>()
  /** Counts invalidations: what was read from the database before one must not be remembered after it. */
  #generation = 0

  constructor(bus: Bus) {
    subscribeKeysChanged(bus, ({ keyId, productId }) =>
      this.forget((key) => key.id === keyId || key.product.publicId === productId),
    )
    bus.onGap(() => this.forget(() => true))
  }

  find(header: string, nowMs: number): Entry | undefined {
    const known = this.#known.get(header)
    if (known) return isFresh(known, nowMs, KEY_TTL_MS) ? known : undefined
    const unknown = this.#unknown.get(header)
    return unknown && isFresh(unknown, nowMs, UNKNOWN_KEY_TTL_MS) ? unknown : undefined
  }

  /** Requests that miss at the same moment share one look-up. */
  async load(header: string, nowMs: number, read: () => Promise<LoadedKey>): Promise<LoadedKey> {
    const running = this.#loading.get(header)
    if (running) return running
    const generation = this.#generation
    const loading = read()
    this.#loading.set(header, loading)
    try {
      const loaded = await loading
      if (generation === this.#generation) this.#remember(header, { ...loaded, at: nowMs })
      return loaded
    } finally {
      if (this.#loading.get(header) === loading) this.#loading.delete(header)
    }
  }

  forget(isStale: (key: KnownKey) => boolean): void {
    this.#generation++
    // A look-up under way may have read the old state: those who ask from now on start their own.
    this.#loading.clear()
    for (const [header, { key }] of this.#known) if (key && isStale(key)) this.#known.delete(header)
    this.#unknown.clear()
  }

  #remember(header: string, entry: Entry): void {
    this.#known.delete(header)
    this.#unknown.delete(header)
    const [map, max] = entry.key ? [this.#known, KEYS_MAX] : [this.#unknown, UNKNOWN_KEYS_MAX]
    map.set(header, entry)
    // A Map keeps the order of insertion, and every key in use is inserted anew each KEY_TTL_MS: the first is the least used.
    if (map.size > max) for (const oldest of map.keys()) return void map.delete(oldest)
  }
}

/** A clock that was set back must not keep an entry alive. */
const isFresh = (entry: Entry, nowMs: number, ttlMs: number) => nowMs - entry.at < ttlMs && nowMs >= entry.at

const caches = new WeakMap<Bus, KeyCache>()

/** One per process: requests have contexts of their own, which share the bus that keeps the cache true. */
export function keyCacheOf(ctx: Pick<Context, 'bus'>): KeyCache {
  const known = caches.get(ctx.bus)
  if (known) return known
  const cache = new KeyCache(ctx.bus)
  caches.set(ctx.bus, cache)
  return cache
}

const HOW_TO = `Send "Authorization: Bearer ${API_KEY_PREFIX}…" with a key of your product (Settings, API keys).`

/** For a refusal; the key itself is never part of it. */
export const invalidKey = (reason: string) => new DomainError('invalid_api_key', `${reason} ${HOW_TO}`)

/**
 * The key in an Authorization header: `Bearer K`, `Token K` (Influx clients), or `Basic` with the key as the password
 * (clients that know nothing else). Throws when there is none.
 */
export function readKey(authorization: string | null | undefined): string {
  if (!authorization) throw invalidKey('The request carries no API key.')
  if (authorization.length > AUTHORIZATION_CHARS_MAX)
    throw invalidKey('The Authorization header is too long to hold an API key.')
  const [scheme = '', credentials = '', ...more] = authorization.trim().split(/ +/)
  if (!credentials || more.length > 0) throw invalidKey('The Authorization header is not of the form "Bearer <key>".')
  const key = readCredentials(scheme.toLowerCase(), credentials)
  if (!key.startsWith(API_KEY_PREFIX)) throw invalidKey(`This is not an API key: keys begin with ${API_KEY_PREFIX}.`)
  // Found here without asking the database, which a flood of invented keys therefore does not reach.
  if (!hasKeyChecksum(key))
    throw invalidKey('The API key is mistyped or cut off: copy it again in full, or create a new one.')
  return key
}

function readCredentials(scheme: string, credentials: string): string {
  if (scheme === 'bearer' || scheme === 'token') return credentials
  if (scheme !== 'basic') throw invalidKey(`The Authorization scheme is not one of Bearer, Token and Basic.`)
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

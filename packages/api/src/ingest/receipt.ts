/** What is remembered of a request that carries an Idempotency-Key, or that asks for a receipt. */
import { createHash } from 'node:crypto'
import type { PoolClient } from '@trackable/db'
import { insertReceipts, lockReceipts } from '@trackable/db/points'
import { DomainError } from '../kernel/errors'
import type { IngestResult } from './schema'

/** Travels with a request into the flush, where it is stored together with the points. */
export interface Receipt {
  key: string
  /** Of everything that decides what the request does: two requests with one key and two hashes are a mistake. */
  hash: Buffer
  /** The answer as it is sent and, for whoever asks again, kept. */
  render(result: IngestResult): { status: number; body: string }
}

/** A key belongs to a request for as long as its sender may still be asking again. */
export const RECEIPT_KEPT_MS = 24 * 60 * 60 * 1000
const IN_FLIGHT_RETRY_S = 1

/** One to 255 visible characters of ASCII, as the draft of the header field and every client that sends it. */
const KEY = /^[\x21-\x7e]{1,255}$/

export function readIdempotencyKey(text: string): string {
  if (KEY.test(text)) return text
  throw new DomainError(
    'invalid_request',
    'The Idempotency-Key has 1 to 255 visible ASCII characters, such as a UUID. Nothing was stored.',
  )
}

/** Lengths between the parts, so that no two requests run together to the same text. */
export function hashRequest(body: Uint8Array, parts: readonly string[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`)
  return hash.update(body).digest()
}

export const inFlight = () =>
  new DomainError(
    'idempotency_in_flight',
    'A request with this Idempotency-Key is being worked on. Send again to get its answer.',
    { retryAfterS: IN_FLIGHT_RETRY_S },
  )

export const mismatch = () =>
  new DomainError(
    'idempotency_mismatch',
    'This Idempotency-Key was used for another request within the last 24 hours. Nothing was stored. Use a new key.',
  )

/** Other requests have these keys: those at `places` of the flush are not to be stored. */
export class ReceiptTaken extends Error {
  override name = 'ReceiptTaken'

  constructor(
    readonly places: readonly number[],
    /** In a transaction that has not ended, in another process; else its answer can be read. */
    readonly isInFlight: boolean,
  ) {
    super('an Idempotency-Key is taken')
  }
}

interface Remembered {
  productId: number
  receipt: Receipt | null
}

/** At the begin of a transaction: nobody else works on these keys until it ends. */
export async function takeReceipts(client: PoolClient, requests: readonly Remembered[]): Promise<void> {
  const places = placesOf(requests)
  if (places.length === 0) return
  const keys = places.map((place) => toKey(requests[place] as Remembered))
  const taken = await lockReceipts(client, keys)
  if (taken.length > 0) throw new ReceiptTaken(toPlaces(places, taken), true)
}

/** At its end: the answers, by place, are committed together with the points that they speak of. */
export async function saveReceipts(
  client: PoolClient,
  requests: readonly Remembered[],
  results: readonly IngestResult[],
  createdAt: Date,
): Promise<void> {
  const places = placesOf(requests)
  if (places.length === 0) return
  const receipts = places.map((place) => {
    const { productId, receipt } = requests[place] as Remembered & { receipt: Receipt }
    const { status, body } = receipt.render(results[place] as IngestResult)
    return { productId, key: receipt.key, bodyHash: receipt.hash, status, response: body, createdAt }
  })
  const taken = await insertReceipts(client, receipts)
  if (taken.length > 0) throw new ReceiptTaken(toPlaces(places, taken), false)
}

const placesOf = (requests: readonly Remembered[]) => requests.flatMap(({ receipt }, place) => (receipt ? [place] : []))
const toKey = ({ productId, receipt }: Remembered) => ({ productId, key: receipt?.key ?? '' })
const toPlaces = (places: readonly number[], taken: readonly number[]) => taken.map((i) => places[i] as number)

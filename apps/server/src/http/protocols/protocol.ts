/**
 * What a protocol of existing clients is to the server: where it listens, where its key is, how a body becomes columns,
 * and in which words it is answered. Everything else (index.ts) is the same for all of them.
 */
import type { IncomingHttpHeaders } from 'node:http'
import {
  type DomainError,
  httpStatusOf,
  type ParsedPoints,
  type PointIdentity,
  type RejectedPoint,
} from '@trackable/api'

export interface ProtocolRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  query: URLSearchParams
  /** Named parts of the route. */
  params: Record<string, string>
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT'
  /** As Hono reads it: `/metrics/job/:job/*`. */
  path: string
}

export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
}

/** What became of one of the ParsedPoints of a request. */
export interface SliceOutcome {
  identity: PointIdentity
  /** Its points are distributions. */
  isDistribution: boolean
  accepted: number
  duplicates: number
  rejected: number
}

/** What became of a request that was read. */
export interface ProtocolOutcome {
  /** All points of the request: accepted, duplicates and rejected. */
  count: number
  accepted: number
  duplicates: number
  rejectedCount: number
  /** The first ones, of very many. */
  rejected: readonly RejectedPoint[]
  /** In the order of `parse`. */
  slices: readonly SliceOutcome[]
  /** The unpacked body, for answers that quote it. */
  body: Buffer
}

/** A list, or one after the other, so that a large body is never all columns at once and others have their turn. */
export type Slices = Iterable<ParsedPoints> | AsyncIterable<ParsedPoints>

/** A question that clients ask before they write. It is answered without a key and without the database. */
export interface Probe extends Route {
  method: 'GET' | 'POST'
  answer(request: ProtocolRequest): Answer
}

export interface Protocol {
  /** For logs and for the inbox of rejected points: `influx-v2`. */
  name: string
  /** One line for the OpenAPI document. */
  summary: string
  /** `Content-Type`s of the body, for the OpenAPI document. */
  contentTypes: readonly string[]
  routes: readonly Route[]
  probes?: readonly Probe[]
  /** Of the body, packed or not. */
  bodyBytesMax: number
  /** The key as the text of an Authorization header. Default: that header; a key in the query is not looked for. */
  authorize?(request: ProtocolRequest): string | undefined
  /** Default: gzip and deflate (inflate.ts). Throws 413 beyond `bytesMax` and 415 for an encoding that is not read. */
  unpack?(body: Buffer, request: ProtocolRequest, bytesMax: number): Buffer | Promise<Buffer>
  /** All points of the request or none. Then `parse` answers one ParsedPoints. */
  isAtomic?(request: ProtocolRequest): boolean
  /** Throws a DomainError when the body as a whole cannot be read. `now` is epoch ms. They are written one after the other. */
  parse(body: Buffer, request: ProtocolRequest, now: number): Slices | Promise<Slices>
  /** Also when nothing could be stored. */
  answer(outcome: ProtocolOutcome, request: ProtocolRequest): Answer
  /** For what stopped the request as a whole. Status, Retry-After and the like are set by the caller where they are missing. */
  refuse(error: DomainError, request: ProtocolRequest): Answer
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** Whether anything of the request is stored. */
export const isAnyStored = ({ accepted, duplicates }: ProtocolOutcome) => accepted + duplicates > 0

export const statusOf = (error: DomainError): number => httpStatusOf(error.code)

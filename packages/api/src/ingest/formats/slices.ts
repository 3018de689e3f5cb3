/** Bodies of any length: pieces of text in, ParsedPoints of a limited size out. */
import { ColumnBuilder, type Fault, type ParsedPoints } from '../columns'
import { readPoint } from '../point'
import { INGEST_LIMITS } from '../schema'

/** Reads a body in pieces that are cut anywhere. Both generators must be run to their end. */
export interface SliceReader {
  /** Takes the next piece; yields what is complete. */
  push(text: string): Iterable<ParsedPoints>
  /** Nothing follows: yields the rest, if there is any. */
  end(): Iterable<ParsedPoints>
}

export interface SliceOptions {
  /** Epoch ms: what a point without a timestamp gets. */
  now: number
  /**
   * What the ids begin with of points that have none of their own; their line follows. Null: they stay without. A point is
   * known again by its timestamp too, so that with it every point has to bring one.
   */
  idPrefix: string | null
  pointsPerSlice?: number
}

export type CreateSliceReader = (options: SliceOptions) => SliceReader

/** The slice that is being filled. Places of points are their lines, from 0. */
export class SliceCollector {
  readonly #options: SliceOptions
  readonly #pointsMax: number
  #columns = createColumns()
  #points = 0
  #bytes = 0

  constructor(options: SliceOptions) {
    this.#options = options
    this.#pointsMax = options.pointsPerSlice ?? INGEST_LIMITS.pointsPerSliceMax
  }

  get isFull(): boolean {
    return this.#points >= this.#pointsMax
  }

  get isEmpty(): boolean {
    return this.#points === 0
  }

  /** `point` is what JSON.parse returned, or built like it. Answers its fault, which the caller hands to `refuse`. */
  read(line: number, point: unknown, isPlain: boolean, chars: number): Fault | null {
    const { now, idPrefix } = this.#options
    this.#bytes += chars
    if (idPrefix !== null && typeof point === 'object' && point !== null && !Array.isArray(point)) {
      if (!Object.hasOwn(point, 'timestamp')) return NO_TIMESTAMP
      if (!Object.hasOwn(point, 'id')) {
        // Not through readPoint, since a long key is as good as a short one.
        return this.#keep(line, point, isPlain, `${idPrefix}:${line}`)
      }
    }
    const fault = readPoint(this.#columns, line, point, { now, isPlain })
    if (!fault) this.#points++
    return fault
  }

  /** `raw` as for ColumnBuilder. */
  refuse(line: number, fault: Fault, raw?: () => string): void {
    this.#columns.refuse(line, fault, raw)
    this.#points++
  }

  take(): ParsedPoints {
    const parsed = this.#columns.finish()
    parsed.count = parsed.length + parsed.rejected.length
    parsed.bytes = this.#bytes
    this.#columns = createColumns()
    this.#points = 0
    this.#bytes = 0
    return parsed
  }

  #keep(line: number, point: object, isPlain: boolean, id: string): Fault | null {
    const fault = readPoint(this.#columns, line, point, { now: this.#options.now, isPlain })
    if (fault) return fault
    this.#points++
    this.#columns.name(id)
    return null
  }
}

const createColumns = () => new ColumnBuilder(0, 0, (index) => `/${index}`)

const NO_TIMESTAMP: Fault = {
  path: '/timestamp',
  code: 'missing_field',
  detail:
    'With an Idempotency-Key every point of this content type needs a timestamp: it would get another one when sent again.',
}

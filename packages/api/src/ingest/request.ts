/** A request on its way through the writer, and what is answered to it. */
import type { ProductScope } from '../kernel/scope'
import type { ParsedPoints } from './columns'
import type { Rows } from './flush'
import type { IngestResult, RejectCode, RejectedPoint } from './schema'

export interface Request extends Rows {
  product: ProductScope
  isAtomic: boolean
  /** Of the dictionary, when the ids of the series were looked up. */
  epoch: number | null
  refused: RejectedPoint[]
  resolve(result: IngestResult): void
  reject(error: Error): void
}

/** For a request of which nothing is stored, but an answer is kept. */
export function withoutRows(request: Request): Request {
  request.seriesIds = request.parsed.series.map(() => 0)
  request.length = 0
  return request
}

/** Rows whose series has no id are refused: the product has as many as it may have. */
export function refuseNewSeries(request: Request): void {
  const { parsed, seriesIds } = request
  for (let row = 0; row < parsed.length; row++) {
    if (seriesIds[parsed.seriesOf[row] as number] !== 0) continue
    request.refused.push(refusal(parsed, row, 'cardinality_limit', CARDINALITY_DETAIL))
  }
  request.length = parsed.length - request.refused.length
}

/** All the others: the database does not take them, and would take none of them in another order either. */
export function refuseStorable(request: Request): void {
  const { parsed, seriesIds } = request
  for (let row = 0; row < parsed.length; row++) {
    if (seriesIds[parsed.seriesOf[row] as number] === 0) continue
    request.refused.push(refusal(parsed, row, 'storage_error', STORAGE_DETAIL))
  }
  request.length = 0
}

/** `duplicates` of its rows were there already. */
export const toResult = (request: Request, duplicates: number): IngestResult => ({
  accepted: request.length - duplicates,
  duplicates,
  rejected: rejectedOf(request),
})

const rejectedOf = ({ parsed, refused }: Request) =>
  refused.length === 0 ? parsed.rejected : [...parsed.rejected, ...refused].sort((a, b) => a.index - b.index)

const CARDINALITY_DETAIL =
  'The product has as many series as it may have, and this metric with these tags would be a new one. Points of known series are accepted.'
const STORAGE_DETAIL = 'The database refused the points of this request.'

function refusal(parsed: ParsedPoints, row: number, code: RejectCode, detail: string): RejectedPoint {
  const index = parsed.indexOf?.[row] ?? row
  return { index, pointer: parsed.pointerOf(index), code, detail }
}

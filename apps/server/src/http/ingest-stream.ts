/** `POST /api/v1/ingest` with NDJSON or CSV: written while it arrives, whatever its length. */
import {
  type Context,
  DomainError,
  INGEST_LIMITS,
  type IngestOutcome,
  ingestStream,
  noteRefusal,
  type PointWriter,
  type ProductScope,
} from '@trackable/api'
import { streamBody } from './body-stream'
import { readContentEncoding } from './inflate'
import type { AppContext } from './types'

export async function storeStream(
  c: AppContext,
  ctx: Context,
  writer: PointWriter,
  product: ProductScope,
  { isAtomic, wantsReceipt }: { isAtomic: boolean; wantsReceipt: boolean },
): Promise<IngestOutcome> {
  const { incoming, outgoing } = c.env
  const { headers } = incoming
  const key = headers['idempotency-key']
  try {
    if (wantsReceipt)
      throw new DomainError('invalid_request', 'Receipts are for JSON; give this body an Idempotency-Key.')
    return await ingestStream(ctx, writer, product, {
      body: streamBody(incoming, readEncoding(ctx, product, headers['content-encoding']), INGEST_LIMITS.streamBytesMax),
      contentType: headers['content-type'],
      isAtomic,
      ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
    })
  } catch (error) {
    // What was not read to its end would be taken for the next request.
    if (!incoming.complete) outgoing.setHeader('connection', 'close')
    throw error
  }
}

/** What is refused here never reaches the context, so its watchers are told from here. */
function readEncoding(ctx: Context, product: ProductScope, header: string | undefined) {
  try {
    return readContentEncoding(header)
  } catch (error) {
    noteRefusal(ctx, product, error)
    throw error
  }
}

import type { Context } from '@trackable/api'
import type { IngestPort } from './http/ingest'

export interface OwnedIngestPort extends IngestPort {
  close(): Promise<void>
}

export function createIngestPort(_ctx: Context): OwnedIngestPort {
  return {
    bodyBytesMax: createIngestPort.bodyBytesMax,
    isFull: () => false,
    accepts: (t) => t === 'application/json',
    ingest: async () => ({ status: 200, result: { accepted: 0, duplicates: 0, rejected: [] } }),
    reportRefusal: () => undefined,
    close: async () => undefined,
  }
}
createIngestPort.bodyBytesMax = 5 * 1024 * 1024

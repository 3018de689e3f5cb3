/** A renderer for tests: true totals as text, and real PNG files of the size that was asked for. */
import { deflateSync } from 'node:zlib'
import type { WidgetPictures } from '../../kernel/picture'
import type { QueryResult } from '../../metric/schema'

/** What the server's renderer answers, in small: true totals, and pictures of the right size. */
export function createTinyPictures(undrawable?: string): WidgetPictures {
  const text = (value: number | null) => (value === null ? '–' : String(value))
  return {
    drawWidgets: async (requests) =>
      requests.map(({ widget: { id, type, title }, result, width, height, scale }) => {
        if (id === undrawable) return { id, isDrawn: false, reason: 'It has no marks.' }
        const { total, compare, series } = result as QueryResult
        const change = (total ?? 0) - (compare?.total ?? 0)
        const delta = { text: `+${change}`, direction: 'up' as const, tone: 'good' as const }
        const rows = series.map((one) => ({ cells: [one.label, text(one.total)], delta: null }))
        const png = makePng(width * scale, height * scale)
        return {
          id,
          isDrawn: true,
          widget: {
            id,
            summary: `${title}: ${text(total)}`,
            number: type === 'number' ? { value: text(total), delta, previous: text(compare?.total ?? null) } : null,
            table: type === 'number' ? null : { columns: ['Series', 'Value'], rows, note: null },
            totals: [],
            picture: type === 'line' || type === 'bar' ? { png, width, height } : null,
          },
        }
      }),
    close: async () => {},
  }
}

const CRC_TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  let crc = 0xffffffff
  for (const byte of body) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** A white picture, 8-bit greyscale. */
function makePng(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const row = Buffer.alloc(width + 1, 0xff)
  row[0] = 0
  const data = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return new Uint8Array(
    Buffer.concat([signature, pngChunk('IHDR', header), pngChunk('IDAT', data), pngChunk('IEND', Buffer.alloc(0))]),
  )
}

/** Size of a PNG, from the bytes that arrived; throws when they are none. */
export function readPng(content: string | ArrayBuffer | Uint8Array | undefined): { width: number; height: number } {
  if (content === undefined || typeof content === 'string') throw new Error('The attachment has no bytes.')
  const bytes = Buffer.from(content instanceof ArrayBuffer ? new Uint8Array(content) : content)
  const isPng =
    bytes.subarray(0, 8).toString('hex') === '89504e470d0a1a0a' && bytes.subarray(12, 16).toString('latin1') === 'IHDR'
  if (!isPng) throw new Error('The attachment is no PNG.')
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

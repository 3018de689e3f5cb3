/** Requests that no program would send on purpose: made from good ones by a grammar of pieces and by damage, repeatably. */
import { deflateSync, gzipSync } from 'node:zlib'

export interface FuzzTarget {
  path: string
  contentTypes: readonly string[]
  /** Good bodies. */
  seeds: readonly (string | Buffer)[]
  queries: readonly string[]
}

export interface FuzzRequest {
  path: string
  headers: Record<string, string>
  body: Buffer
}

/** Mulberry32: the same requests for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    ',',
    ':',
    ';',
    '=',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '#',
    '/',
    '\0',
    '\u00e9',
    '😀',
    '\ufeff',
  ],
  ...[
    '{"metric":"m","value":1}',
    '"points"',
    '"value":',
    '"tags":{}',
    '"__proto__":',
    '"id":"x"',
    '\\u0000',
    '\\ud800',
  ],
  ...[
    'metric,value',
    'm,1',
    '""',
    'cpu,host=a',
    ' value=1',
    ' 1700000000',
    'x=1i',
    'x=2u',
    'x="y"',
    'x=t',
    '# TYPE a counter\n',
  ],
  ...[
    '0',
    '-0',
    '1e999',
    '-1e-999',
    'NaN',
    'Infinity',
    '9'.repeat(400),
    '2026-11-20T09:30:00Z',
    '5e-324',
    '0x10',
    '1_000',
  ],
]
const BYTES = [0x00, 0x08, 0x0a, 0x1f, 0x22, 0x7f, 0x80, 0x8b, 0xc0, 0xff]
const ENCODINGS = ['gzip', 'deflate', 'identity', 'br', 'gzip, gzip', 'snappy', '']

export function createFuzzer(targets: readonly FuzzTarget[], seed: number): () => FuzzRequest {
  const random = createRandom(seed)
  const below = (count: number) => Math.floor(random() * count)
  const pick = <T>(items: readonly T[]) => items[below(items.length)] as T

  const compose = () => Buffer.from(Array.from({ length: 1 + below(30) }, () => pick(PIECES)).join(''))

  const damage = (body: Buffer): Buffer => {
    const at = below(body.length + 1)
    const to = Math.min(body.length, at + below(20))
    const [before, part, after] = [body.subarray(0, at), body.subarray(at, to), body.subarray(to)]
    switch (below(6)) {
      case 0:
        return Buffer.concat([before, after])
      case 1:
        return Buffer.concat([before, part, part, part, after])
      case 2:
        return Buffer.concat([before, Buffer.from(pick(PIECES)), after])
      case 3:
        return Buffer.concat([before, Buffer.from([pick(BYTES), below(256)]), part, after])
      case 4:
        return before
      default:
        return Buffer.concat([after, before, part])
    }
  }

  return () => {
    const target = pick(targets)
    const isComposed = random() < 0.2
    // Now and then what belongs to another path.
    const source = random() < 0.05 ? pick(targets) : target
    let body: Buffer = isComposed ? compose() : Buffer.from(pick(source.seeds))
    for (let n = random() < 0.4 ? 0 : 1 + below(3); n > 0; n--) body = damage(body)
    const headers: Record<string, string> = { 'content-type': pick(source.contentTypes) }
    const coding = random()
    if (coding < 0.1) {
      const isGzip = random() < 0.5
      body = isGzip ? gzipSync(body) : deflateSync(body)
      headers['content-encoding'] = isGzip ? 'gzip' : 'deflate'
      if (random() < 0.3) body = damage(body)
    } else if (coding < 0.2) headers['content-encoding'] = pick(ENCODINGS)
    if (random() < 0.1) headers['idempotency-key'] = pick(['a', 'b', '', 'k'.repeat(300)])
    const query = random() < 0.4 ? pick(target.queries) : ''
    return { path: target.path + query, headers, body }
  }
}

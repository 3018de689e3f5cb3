import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedWriterOf } from '../ingest/shared-writer'
import type { ProductScope } from '../kernel/scope'
import { resolveApiKey } from '../product/procedure'
import {
  callerFor,
  createProductFixture,
  createTestContext,
  type Owner,
  refusalOf,
  registerOwner,
  type TestContext,
} from '../testing'
import { importPart } from './import'
import { hashImportFile } from './import-hash'
import type { CreateImport, ImportMapping, ImportRun } from './schema-import'

let ctx: TestContext
let owner: Owner
beforeAll(async () => {
  ctx = await createTestContext({ now: '2026-11-20T12:00:00Z' })
  owner = await registerOwner(ctx)
})
afterAll(async () => {
  await sharedWriterOf(ctx).close()
  await ctx.close()
})

const MAPPING: ImportMapping = {
  encoding: 'utf-8',
  delimiter: ',',
  columnCount: 3,
  hasHeader: true,
  decimal: '.',
  timestamp: { column: 0, format: 'iso', zone: 'UTC' },
  values: [{ column: 1, metric: 'visits' }],
  metricColumn: null,
  tags: [{ column: 2, key: 'page' }],
  idColumn: null,
}

interface Target {
  productId: string
  product: ProductScope
}

async function createTarget(): Promise<Target> {
  const { product, keyText } = await createProductFixture(ctx, owner)
  return { productId: product.id, product: await resolveApiKey(ctx, `Bearer ${keyText}`, 'ingest') }
}

const hashOf = (bytes: Buffer) =>
  hashImportFile(bytes.length, async (from, to) => new Uint8Array(bytes.subarray(from, to)))

async function start(target: Target, file: Buffer, options: Partial<CreateImport> = {}): Promise<ImportRun> {
  return callerFor(ctx, owner).ingest.createImport({
    productId: target.productId,
    fileName: 'visits.csv',
    fileBytes: file.length,
    fileHash: await hashOf(file),
    mapping: MAPPING,
    ...options,
  })
}

const send = (target: Target, run: { id: string }, file: Buffer, from: number, to: number) =>
  importPart(ctx, sharedWriterOf(ctx), target.product, {
    importId: run.id,
    offset: from,
    bytes: file.subarray(from, Math.min(to, file.length)),
  })

/** As a page does it: parts of a size, cut anywhere, until the run says that it is done. */
async function sendAll(target: Target, run: ImportRun, file: Buffer, partBytes: number): Promise<ImportRun> {
  let at = run
  while (at.status === 'running') at = await send(target, at, file, at.bytesDone, at.bytesDone + partBytes)
  return at
}

async function readPoints(target: Target) {
  const { rows } = await ctx.db.pools.meta.query<{ metric: string; tags: object; at: Date; value: number }>(
    `SELECT m.name AS metric, s.tags, p.ts AS at, p.value
     FROM point p JOIN series s ON s.product_id = p.product_id AND s.id = p.series_id
     JOIN metric m ON m.product_id = p.product_id AND m.id = s.metric_id
     WHERE p.product_id = $1 ORDER BY p.ts, m.name`,
    [target.product.id],
  )
  return rows.map(({ metric, tags, at, value }) => [metric, tags, at.toISOString(), value])
}

const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const at = new Date(Date.UTC(2026, 9, 1) + i * 60_000).toISOString()
    return i % 7 === 3 ? `${at},${i},"two\nlines, ""${i % 5}"""` : `${at},${i},/p${i % 5}`
  })
const fileOf = (count: number) => Buffer.from(`\ufefftime,visits,page\r\n${lines(count).join('\r\n')}`)

test('DL-10: whatever the size of the parts, the file is stored once, and the same file again adds nothing', async () => {
  const file = fileOf(60)
  const target = await createTarget()
  const done = await sendAll(target, await start(target, file), file, 173)
  expect(done).toMatchObject({ status: 'done', bytesDone: file.length, rows: 60, accepted: 60, rejected: 0 })
  const stored = await readPoints(target)
  expect(stored).toHaveLength(60)
  expect(stored[3]).toEqual(['visits', { page: 'two\nlines, "3"' }, '2026-10-01T00:03:00.000Z', 3])

  const again = await sendAll(target, await start(target, file), file, 1 << 20)
  expect(again).toMatchObject({ status: 'done', rows: 60, accepted: 0, duplicates: 60 })
  expect(await readPoints(target)).toEqual(stored)
})

test('DL-10: an import goes on where it stopped, and a part that is sent again is answered and adds nothing', async () => {
  const file = fileOf(40)
  const target = await createTarget()
  const run = await start(target, file)
  const first = await send(target, run, file, 0, 700)
  expect(first.bytesDone).toBeGreaterThan(0)
  // The answer was lost: the same part again, twice at the same time.
  const [again, twice] = await Promise.all([send(target, run, file, 0, 700), send(target, run, file, 0, 700)])
  expect([again, twice]).toEqual([first, first])
  // Another browser picks the same file.
  const resumed = await start(target, file)
  expect(resumed).toEqual(expect.objectContaining({ id: run.id, bytesDone: first.bytesDone }))
  expect((await refusalOf(send(target, run, file, first.bytesDone + 1, 2000))).code).toBe('conflict')
  const done = await sendAll(target, resumed, file, 512)
  expect(done).toMatchObject({ status: 'done', accepted: 40, duplicates: 0 })
  expect(await readPoints(target)).toHaveLength(40)
})

test('DL-10: faults name line and column, and cost nothing but themselves', async () => {
  const file = Buffer.from(
    [
      'time,visits,page',
      '2026-11-01T00:00:00Z,1,/a',
      '2026-11-01T00:01:00,2,/a',
      '2026-11-01T00:02:00Z,"1,5",/a',
      '2026-11-01T00:03:00Z,4',
      '"2026-11-01T00:04:00Z,5,/a',
      '2026-11-01T00:05:00Z,6,"two',
      'lines"',
      '2026-13-01T00:06:00Z,7,/a',
      '2027-11-01T00:07:00Z,8,/a',
      `2026-11-01T00:08:00Z,9,${'x'.repeat(300)}`,
      '2026-11-01T00:09:00Z,,/a',
      '2026-11-01T00:10:00Z,11,/a',
    ].join('\n'),
  )
  const target = await createTarget()
  const dry = await start(target, file, { isDryRun: true })
  const tried = await sendAll(target, dry, file, 400)
  expect(await readPoints(target)).toEqual([])
  const done = await sendAll(target, await start(target, file), file, 1 << 20)
  expect(done).toMatchObject({ rows: 11, accepted: 3, rejected: 8 })
  expect(tried).toMatchObject({ isDryRun: true, rows: 11, accepted: 3, rejected: 8 })
  const { errors } = await callerFor(ctx, owner).ingest.getImport({ productId: target.productId, importId: done.id })
  expect(errors.map(({ line, column, code }) => [line, column, code])).toEqual([
    [3, 1, 'invalid_timestamp'],
    [4, 2, 'invalid_number'],
    [5, null, 'wrong_column_count'],
    [6, 1, 'text_after_quote'],
    [9, 1, 'invalid_timestamp'],
    [10, 1, 'timestamp_out_of_window'],
    [11, 3, 'too_long'],
    [12, 2, 'missing_field'],
  ])
  const trial = await callerFor(ctx, owner).ingest.getImport({ productId: target.productId, importId: dry.id })
  expect(trial.errors).toEqual(errors)
  expect((await readPoints(target)).map(([, , , value]) => value)).toEqual([1, 6, 11])
})

test('DL-10: semicolons, decimal commas, Latin letters, several columns of values and the clocks of Berlin', async () => {
  const file = Buffer.from(
    'Datum;Umsatz;K\xf6pfe;Ort\n29.03.2026 03:00;1.234,56;7;K\xf6ln\n30.03.2026;-0,5;;Bonn\n',
    'latin1',
  )
  const target = await createTarget()
  const preview = await callerFor(ctx, owner).ingest.previewImport({
    productId: target.productId,
    sample: file.toString('base64'),
    isWhole: true,
  })
  const { mapping } = preview
  expect(mapping).toEqual({
    encoding: 'windows-1252',
    delimiter: ';',
    columnCount: 4,
    hasHeader: true,
    decimal: ',',
    timestamp: { column: 0, format: 'dmy', zone: 'UTC' },
    values: [
      { column: 1, metric: 'Umsatz' },
      { column: 2, metric: 'Köpfe' },
    ],
    metricColumn: null,
    tags: [{ column: 3, key: 'Ort' }],
    idColumn: null,
  })
  if (!mapping) return
  const inBerlin = { ...mapping, timestamp: { ...mapping.timestamp, zone: 'Europe/Berlin' } }
  const done = await sendAll(target, await start(target, file, { mapping: inBerlin }), file, 1 << 20)
  expect(done).toMatchObject({ rows: 2, accepted: 3, rejected: 0 })
  expect(await readPoints(target)).toEqual([
    ['Köpfe', { Ort: 'Köln' }, '2026-03-29T01:00:00.000Z', 7],
    ['Umsatz', { Ort: 'Köln' }, '2026-03-29T01:00:00.000Z', 1234.56],
    ['Umsatz', { Ort: 'Bonn' }, '2026-03-29T22:00:00.000Z', -0.5],
  ])
})

test('the preview shows what each cell becomes, and where it cannot', async () => {
  const { productId } = await createTarget()
  const sample = Buffer.from('\ufeffmetric,value,ts,id\nsignups,1,1763628600,a\nsignups,x,1763628601,b\n').toString(
    'base64',
  )
  const preview = await callerFor(ctx, owner).ingest.previewImport({ productId, sample, isWhole: true })
  expect(preview.hasBom).toBe(true)
  expect(preview.columns.map(({ name, type }) => [name, type])).toEqual([
    ['metric', 'text'],
    ['value', 'text'],
    ['ts', 'number'],
    ['id', 'text'],
  ])
  // One bad cell makes it a column of texts: nothing is guessed, and the person says what it is.
  expect(preview.mapping).toBeNull()
  const mapping: ImportMapping = {
    ...MAPPING,
    columnCount: 4,
    timestamp: { column: 2, format: 'epoch', zone: 'UTC' },
    values: [{ column: 1, metric: null }],
    metricColumn: 0,
    tags: [],
    idColumn: 3,
  }
  const mapped = await callerFor(ctx, owner).ingest.previewImport({ productId, sample, isWhole: true, mapping })
  expect(mapped.points).toEqual([
    { line: 2, metric: 'signups', value: 1, timestamp: '2025-11-20T08:50:00.000Z', tags: {} },
  ])
  expect(mapped.rows[1]?.cells.map(({ error }) => error)).toEqual([null, 'The value is not a number.', null, null])
})

test('a file in UTF-16 is told from one in UTF-8', async () => {
  const { productId } = await createTarget()
  const sample = Buffer.from('\ufefftime,visits\n', 'utf16le').toString('base64')
  const refusal = await refusalOf(callerFor(ctx, owner).ingest.previewImport({ productId, sample }))
  expect(refusal).toMatchObject({ code: 'invalid_encoding', detail: expect.stringContaining('UTF-16') })
})

test('a canceled import takes no further part and keeps what it has', async () => {
  const file = fileOf(40)
  const target = await createTarget()
  const run = await start(target, file)
  const { bytesDone, accepted } = await send(target, run, file, 0, 700)
  await callerFor(ctx, owner).ingest.cancelImport({ productId: target.productId, importId: run.id })
  expect(await send(target, run, file, bytesDone, 1400)).toMatchObject({ status: 'canceled', bytesDone })
  expect(await readPoints(target)).toHaveLength(accepted)
  const listed = await callerFor(ctx, owner).ingest.listImports({ productId: target.productId })
  expect(listed.map(({ id, status }) => [id, status])).toEqual([[run.id, 'canceled']])
})

test('a record that fills more than a part is asked for in a larger one', async () => {
  const file = fileOf(3)
  const target = await createTarget()
  const run = await start(target, file)
  await send(target, run, file, 0, 60)
  const { bytesDone } = await callerFor(ctx, owner).ingest.getImport({ productId: target.productId, importId: run.id })
  const refusal = await refusalOf(send(target, run, file, bytesDone, bytesDone + 10))
  expect(refusal).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining('larger') })
})

test('a few broken cells do not hide what a column is: the guess names them as faults', async () => {
  const { productId } = await createTarget()
  const days = Array.from({ length: 13 }, (_, i) => `${i + 1}/11/2026,${i === 4 ? 'n/a' : i},Berlin`)
  const sample = Buffer.from(`day,sold,city\n${days.join('\n')}\n`).toString('base64')
  const { mapping, rows } = await callerFor(ctx, owner).ingest.previewImport({ productId, sample, isWhole: true })
  // Twelve of the days are months too; the thirteenth tells.
  expect(mapping).toMatchObject({ timestamp: { column: 0, format: 'dmy' }, values: [{ column: 1, metric: 'sold' }] })
  expect(rows.flatMap(({ line, cells }) => (cells.some(({ error }) => error) ? [line] : []))).toEqual([6])
})

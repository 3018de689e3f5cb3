import { inflateSync } from 'node:zlib'
import { type ChartKind, type PreparedChart, prepareChart } from '@trackable/ui/charts'
import { gapsResult, hourlyResult, makeResult, OPTIONS, plansResult, revenueResult } from '@trackable/ui/charts/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { createPictureRenderer, PictureError, type PictureRequest } from './pictures'

const renderer = createPictureRenderer()
afterAll(() => renderer.close())

const request = (prepared: PreparedChart, rest: Partial<PictureRequest> = {}): PictureRequest => ({
  id: 'wdg_1',
  title: prepared.title,
  kind: prepared.kind,
  prepared,
  width: 552,
  height: 260,
  theme: 'light',
  scale: 2,
  ...rest,
})

/** Size and the number of distinct bytes in the pixel data, read from the file itself. */
function readPng(png: Buffer) {
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  const chunks: Buffer[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    if (png.subarray(at + 4, at + 8).toString() === 'IDAT') chunks.push(png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), pixels: inflateSync(Buffer.concat(chunks)) }
}

async function drawOne(one: PictureRequest) {
  const [picture] = await renderer.renderPictures([one])
  if (!picture) throw new Error('No picture came back.')
  return picture
}

describe('pictures', () => {
  const kinds: ChartKind[] = ['number', 'line', 'bar', 'table']

  test.each(kinds)('a %s becomes a PNG of the asked size that is not blank', async (kind) => {
    const { png } = await drawOne(request(prepareChart(kind, plansResult(), OPTIONS)))
    const { width, height, pixels } = readPng(png)
    expect([width, height]).toEqual([1104, 520])
    expect(new Set(pixels).size).toBeGreaterThan(20)
  })

  test('pictures come back in order, with the texts and colours of the page', async () => {
    const prepared = prepareChart('line', revenueResult(), OPTIONS)
    const pictures = await renderer.renderPictures([
      request(prepared, { id: 'a' }),
      request(prepareChart('bar', hourlyResult(), OPTIONS), { id: 'b', theme: 'dark' }),
    ])
    expect(pictures.map((picture) => picture.id)).toEqual(['a', 'b'])
    const svg = pictures[0]?.svg ?? ''
    for (const tick of prepared.y.ticks) expect(svg).toContain(`>${tick.label}<`)
    expect(svg).toContain('Today so far')
    expect(svg).not.toMatch(/&nbsp;|var\(|oklch/)
  })

  test('gaps stay gaps: a line with outages has several pieces', async () => {
    const { svg } = await drawOne(request(prepareChart('line', gapsResult(), { ...OPTIONS, title: 'Latency' })))
    const curves = [...svg.matchAll(/recharts-line-curve[^>]* d="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(curves).toHaveLength(4)
    for (const curve of curves) expect(curve.split('M').length - 1).toBeGreaterThan(1)
  })

  test('a chart without data says so instead of staying blank', async () => {
    const empty = makeResult({ edges: [0, 1000], series: [] })
    const { svg } = await drawOne(request(prepareChart('line', { ...empty, lastPointAt: null }, OPTIONS)))
    expect(svg).toContain('No data yet')
  })
})

describe('failures', () => {
  const good = () => request(prepareChart('line', revenueResult(), OPTIONS), { id: 'wdg_good' })

  test('a picture without marks is refused by the name of its widget', async () => {
    const prepared = prepareChart('line', revenueResult(), OPTIONS)
    const blank = request({ ...prepared, series: [], compareLine: null }, { id: 'wdg_blank', title: 'Revenue' })
    await expect(renderer.renderPictures([good(), blank])).rejects.toThrow(
      '"Revenue" (wdg_blank) could not be drawn: the picture has no marks',
    )
  })

  test('a chart that throws rejects by the name of its widget, and the next report is drawn', async () => {
    const broken = request({ ...prepareChart('bar', plansResult(), OPTIONS), y: null } as unknown as PreparedChart, {
      title: 'Plans',
    })
    await expect(renderer.renderPictures([broken])).rejects.toThrow(PictureError)
    await expect(renderer.renderPictures([good()])).resolves.toHaveLength(1)
  })

  test('a worker that dies rejects by the name of the widget it was drawing', async () => {
    const dying = createPictureRenderer({
      workerUrl: new URL(
        'data:text/javascript,import("node:worker_threads").then(w => w.parentPort.on("message", () => process.exit(3)))',
      ),
    })
    await expect(dying.renderPictures([good()])).rejects.toThrow(
      '(wdg_good) could not be drawn: the renderer ended (exit code 3)',
    )
    await dying.close()
  })

  test('a worker that hangs is given up after the time limit', async () => {
    const hanging = createPictureRenderer({
      timeoutMs: 100,
      workerUrl: new URL('data:text/javascript,setInterval(() => {}, 1000)'),
    })
    await expect(hanging.renderPictures([good()])).rejects.toThrow('took longer than 0.1 s')
    await hanging.close()
  })

  test('two reports at once both arrive, and the same chart is the same picture to the byte', async () => {
    const [first, second] = await Promise.all([renderer.renderPictures([good()]), renderer.renderPictures([good()])])
    expect(first[0]?.png.equals(second[0]?.png ?? Buffer.alloc(0))).toBe(true)
  })

  test('a closed renderer draws no more', async () => {
    const closed = createPictureRenderer()
    await closed.close()
    await expect(closed.renderPictures([good()])).rejects.toThrow('closed')
  })
})

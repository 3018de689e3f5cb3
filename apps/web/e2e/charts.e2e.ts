import { expect, type Page, test } from '@playwright/test'
import { build } from 'vite'
import { createPictureRenderer } from '../../server/src/render/pictures'
import { CHARTS, FRAME } from './charts-page'

type Drawing = { text: string; x: number; y: number }[]

let script = ''

test.beforeAll(async () => {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry: new URL('./charts-page.tsx', import.meta.url).pathname, formats: ['iife'], name: 'charts' },
    },
  })
  const bundle = Array.isArray(output) ? output[0] : output
  if (!bundle || !('output' in bundle)) throw new Error('Vite built nothing.')
  script = bundle.output[0].code
})

/** Evaluated in a page on both drawings alike: every text and mark with its place, to a tenth of a pixel. The libraries write three decimals or all. */
function readDrawing(svg: Element): { texts: Drawing; marks: string[] } {
  const round = (text: string | null) =>
    (text ?? '').replace(/-?\d+\.\d+(e-\d+)?/g, (number) =>
      String(Math.round(Number(Number(number).toFixed(3)) * 10) / 10),
    )
  const texts = [...svg.querySelectorAll('text')].map((text) => ({
    text: text.textContent ?? '',
    x: Number(round(text.getAttribute('x'))),
    y: Number(round(text.getAttribute('y'))),
  }))
  const attributes = [
    'd',
    'x',
    'y',
    'cx',
    'cy',
    'r',
    'width',
    'height',
    'fill',
    'stroke',
    'fill-opacity',
    'stroke-dasharray',
  ]
  const marks = [
    ...svg.querySelectorAll(
      '.recharts-line-curve, .recharts-bar-rectangle rect, .chart-dots circle, .chart-legend *, .recharts-cartesian-grid line',
    ),
  ]
  return { texts, marks: marks.map((mark) => attributes.map((name) => round(mark.getAttribute(name))).join(' ')) }
}

async function drawInBrowser(page: Page, name: string, interactive: boolean) {
  await page.setContent('<!doctype html><body style="font-family: Inter, sans-serif"></body>')
  await page.addScriptTag({ content: script })
  await page.evaluate(
    ([chart, isInteractive]) =>
      (window as unknown as { charts: { drawChart(name: string, interactive: boolean): void } }).charts.drawChart(
        chart,
        isInteractive,
      ),
    [name, interactive] as const,
  )
  await expect(page.locator('svg text').first()).toBeVisible()
}

test('a mail shows the same picture as the page: every text, line, bar and dot stands in the same place', async ({
  page,
}) => {
  const renderer = createPictureRenderer()
  const requests = Object.entries(CHARTS).map(([name, prepared]) => ({
    id: name,
    title: name,
    kind: prepared.kind,
    prepared,
    ...FRAME,
    scale: 1,
  }))
  const pictures = await renderer.renderPictures(requests)
  await renderer.close()
  for (const picture of pictures) {
    await drawInBrowser(page, picture.id, false)
    const inBrowser = await page.locator('.recharts-wrapper > svg').evaluate(readDrawing)
    await page.setContent(`<!doctype html><body>${picture.svg}</body>`)
    const inMail = await page.locator('body > svg').evaluate(readDrawing)
    expect(inBrowser.texts.length).toBeGreaterThan(6)
    expect(inBrowser.marks.length).toBeGreaterThan(4)
    expect(inMail, picture.id).toEqual(inBrowser)
  }
})

test('the arrow keys step through the buckets and the tooltip says what each holds', async ({ page }) => {
  await drawInBrowser(page, 'revenue with the previous period', true)
  await page.getByRole('application').focus()
  await page.keyboard.press('ArrowRight')
  const tooltip = page.getByRole('status')
  const first = await tooltip.textContent()
  await page.keyboard.press('ArrowRight')
  await expect(tooltip).not.toHaveText(first ?? '')
  await expect(tooltip).toContainText(/^(Fri 23|Sat 24) Octvs /)
})

test('the tooltip follows the bucket under the pointer', async ({ page }) => {
  await drawInBrowser(page, 'plans stacked', true)
  const box = await page.locator('.recharts-wrapper').boundingBox()
  if (!box) throw new Error('The chart has no box.')
  await page.mouse.move(box.x + 48, box.y + 150)
  await expect(page.getByRole('status')).toContainText('Thu 22 Oct')
  await page.mouse.move(box.x + 712, box.y + 150)
  await expect(page.getByRole('status')).toContainText('Fri 20 Nov so far')
  await expect(page.getByRole('status')).toContainText('Solo')
})

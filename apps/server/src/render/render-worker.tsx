import { parentPort } from 'node:worker_threads'
import type { ChartProps, PreparedChart } from '@trackable/ui/charts'
import type { ReactElement } from 'react'
import { findBlank } from './check-drawn'
import { installDom } from './dom'
import type { PictureRequest, WorkerAnswer } from './protocol'
import { rasterize } from './raster'

const dom = installDom()

// After the DOM: React and Recharts look for a window once, when they are loaded.
const { createRoot } = await import('react-dom/client')
const { flushSync } = await import('react-dom')
const { chartTheme } = await import('@trackable/ui/charts')
const { LineChart } = await import('@trackable/ui/charts/line-chart')
const { BarChart } = await import('@trackable/ui/charts/bar-chart')
const { NumberPicture } = await import('@trackable/ui/charts/number-picture')
const { TablePicture } = await import('@trackable/ui/charts/table-picture')

/** The library settles within three rounds; more than this and it never will. */
const ROUNDS_MAX = 30

function elementFor(prepared: PreparedChart, frame: Omit<ChartProps, 'prepared'>): ReactElement {
  switch (prepared.kind) {
    case 'line':
      return <LineChart prepared={prepared} {...frame} />
    case 'bar':
      return <BarChart prepared={prepared} {...frame} />
    case 'number':
      return <NumberPicture prepared={prepared} {...frame} />
    case 'table':
      return <TablePicture prepared={prepared} {...frame} />
  }
}

/** Gives effects and state updates their turns until the drawing no longer changes. */
async function settle(host: Element): Promise<void> {
  let before = -1
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    flushSync(() => {})
    const now = host.innerHTML.length
    if (now === before && now > 0) return
    before = now
  }
}

/** Makes the element a file of its own: XML (HTML would write `&nbsp;`), with a fixed size and Inter for every text. */
function toFile(svg: Element, request: PictureRequest): string {
  svg.removeAttribute('style')
  svg.setAttribute('width', String(request.width))
  svg.setAttribute('height', String(request.height))
  svg.setAttribute('font-family', 'Inter')
  return new dom.window.XMLSerializer().serializeToString(svg)
}

async function draw(request: PictureRequest): Promise<WorkerAnswer> {
  const host = document.createElement('div')
  document.body.append(host)
  let failure: unknown = null
  const root = createRoot(host, {
    onUncaughtError: (error) => {
      failure = error
    },
  })
  try {
    const { prepared, width, height, theme } = request
    flushSync(() => root.render(elementFor(prepared, { width, height, theme, interactive: false })))
    await settle(host)
    if (failure !== null) throw failure
    const svg = host.querySelector('svg')
    const blank = svg ? findBlank(svg, prepared) : 'nothing was drawn'
    if (!svg || blank !== null) return { isDrawn: false, reason: blank ?? 'nothing was drawn' }
    const file = toFile(svg, request)
    return { isDrawn: true, svg: file, png: rasterize(file, request.scale, chartTheme(theme).card) }
  } finally {
    root.unmount()
    host.remove()
  }
}

parentPort?.on('message', async (request: PictureRequest) => {
  const answer = await draw(request).catch(
    (error: unknown): WorkerAnswer => ({
      isDrawn: false,
      reason: error instanceof Error ? error.message : String(error),
    }),
  )
  parentPort?.postMessage(answer, answer.isDrawn ? [answer.png.buffer] : [])
})

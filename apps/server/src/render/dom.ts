import { JSDOM } from 'jsdom'

const GLOBALS = [
  'window',
  'document',
  'navigator',
  'HTMLElement',
  'SVGElement',
  'Element',
  'Node',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'getComputedStyle',
] as const

/** No element changes its size here, so nobody is ever called. */
class SilentObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** Share of the font size an average character takes; the charts measure by table, only the library's own code asks. */
const CHAR_WIDTH = 0.56

function measureByLength(this: Element): DOMRect {
  const fontSize = Number.parseFloat((this as HTMLElement).style?.fontSize ?? '') || 12
  const width = (this.textContent ?? '').length * fontSize * CHAR_WIDTH
  const height = fontSize * 1.2
  const box = { x: 0, y: 0, left: 0, top: 0, right: width, bottom: height, width, height }
  return { ...box, toJSON: () => box }
}

/**
 * Makes this thread look like a page. Recharts draws nothing under `renderToStaticMarkup` because it lays out in effects,
 * so it gets a document; globals are why this only ever happens in a worker.
 */
export function installDom(): JSDOM {
  const dom = new JSDOM('<!doctype html>', { pretendToBeVisual: true })
  for (const name of GLOBALS) {
    const value = name === 'window' ? dom.window : dom.window[name]
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
  Object.defineProperty(globalThis, 'ResizeObserver', { value: SilentObserver, configurable: true })
  dom.window.Element.prototype.getBoundingClientRect = measureByLength
  return dom
}

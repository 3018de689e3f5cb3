/** One JSON point per line: `application/x-ndjson`, `application/jsonl`. A broken line is refused, and the next one is read. */
import type { Fault, ParsedPoints } from '../columns'
import { INGEST_LIMITS } from '../schema'
import { SliceCollector, type SliceOptions, type SliceReader } from './slices'

export const createNdjsonReader = (options: SliceOptions): SliceReader => new NdjsonReader(options)

class NdjsonReader implements SliceReader {
  readonly #collector: SliceCollector
  /** What the last piece ended with: the beginning of a line. */
  #rest = ''
  #line = 0
  /** The line is longer than any point: nothing of it is kept, and its end is looked for. */
  #isSkipping = false

  constructor(options: SliceOptions) {
    this.#collector = new SliceCollector(options)
  }

  *push(text: string): Generator<ParsedPoints> {
    const all = this.#rest === '' ? text : this.#rest + text
    let start = 0
    for (let end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', start)) {
      this.#readLine(all, start, end)
      start = end + 1
      if (this.#collector.isFull) yield this.#collector.take()
    }
    this.#rest = all.slice(start)
    if (this.#rest.length <= INGEST_LIMITS.lineCharsMax) return
    if (!this.#isSkipping) this.#collector.refuse(this.#line, TOO_LONG)
    this.#isSkipping = true
    this.#rest = ''
  }

  *end(): Generator<ParsedPoints> {
    this.#readLine(this.#rest, 0, this.#rest.length)
    if (!this.#collector.isEmpty) yield this.#collector.take()
  }

  #readLine(text: string, start: number, end: number): void {
    const line = this.#line++
    if (this.#isSkipping) {
      this.#isSkipping = false
      return
    }
    const point = text.slice(start, end)
    const fault = point.length > INGEST_LIMITS.lineCharsMax ? TOO_LONG : this.#readPoint(line, point)
    if (fault) this.#collector.refuse(line, fault, () => point)
  }

  #readPoint(line: number, text: string): Fault | null {
    // A blank line is none. Most lines are told from one by their first character.
    if (text.charCodeAt(0) !== BRACE && text.trim() === '') return null
    let point: unknown
    try {
      point = JSON.parse(text)
    } catch (error) {
      const reason = error instanceof SyntaxError ? error.message : 'it cannot be parsed'
      return { path: '', code: 'invalid_line', detail: `Line ${line + 1} is not valid JSON: ${reason}` }
    }
    return this.#collector.read(line, point, !text.includes('\\'), text.length)
  }
}

const BRACE = 123

const TOO_LONG: Fault = {
  path: '',
  code: 'too_long',
  detail: `A line has at most ${INGEST_LIMITS.lineCharsMax.toLocaleString('en')} characters, which is more than any point needs.`,
}

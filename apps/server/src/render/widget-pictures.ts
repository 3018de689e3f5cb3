import type { DrawnTable, DrawOutcome, DrawRequest, WidgetPicture, WidgetPictures } from '@trackable/api'
import {
  type ChartKind,
  type ChartResult,
  type Delta,
  type PreparedBar,
  type PreparedChart,
  type PreparedLine,
  prepareChart,
  tableViewOf,
  type WidgetFormat,
} from '@trackable/ui/charts'
import { createPictureRenderer, PictureError, type PictureRenderer } from './pictures'

const KINDS: readonly string[] = ['number', 'line', 'bar', 'table'] satisfies ChartKind[]

const isKind = (type: string): type is ChartKind => KINDS.includes(type)

function prepare({ widget, result, locale }: DrawRequest, kind: ChartKind): PreparedChart {
  // Both crossed the kernel as plain JSON. The API wrote them from its own schemas, which are the chart library's shapes.
  const options = { title: widget.title, format: widget.format as WidgetFormat, locale }
  return prepareChart<ChartKind>(kind, result as ChartResult, options)
}

const drawnDelta = (delta: Delta | null) => delta && { text: delta.text, direction: delta.direction, tone: delta.tone }

function drawnTable(prepared: PreparedChart): DrawnTable | null {
  if (prepared.kind === 'number') return null
  if (prepared.kind === 'table') {
    return {
      columns: [prepared.labelHead, prepared.valueHead, ...(prepared.isCompared ? ['Previous'] : [])],
      rows: prepared.rows.map((row) => ({
        cells: [nameOf(row), row.valueText, ...(prepared.isCompared ? [row.previousText] : [])],
        delta: drawnDelta(row.delta),
      })),
      note: prepared.note,
    }
  }
  const view = tableViewOf(prepared)
  return {
    columns: view.columns.map((column) => column.text),
    rows: view.rows.map((row) => ({ cells: [nameOf(row), ...row.cells], delta: null })),
    note: prepared.note,
  }
}

const nameOf = (row: { label: string; isUnfinished: boolean }) => (row.isUnfinished ? `${row.label} so far` : row.label)

const isPlot = (prepared: PreparedChart): prepared is PreparedLine | PreparedBar =>
  prepared.kind === 'line' || prepared.kind === 'bar'

function totalsOf(prepared: PreparedChart): WidgetPicture['totals'] {
  if (!isPlot(prepared) || prepared.series.length < 2) return []
  return prepared.series.map((series) => ({ label: series.label, value: series.totalText }))
}

function withoutPicture(request: DrawRequest, prepared: PreparedChart): WidgetPicture {
  return {
    id: request.widget.id,
    summary: prepared.emptyText === null ? prepared.summary : `${prepared.title}: ${prepared.emptyText}.`,
    number:
      prepared.kind === 'number'
        ? { value: prepared.valueText, delta: drawnDelta(prepared.delta), previous: prepared.previousText }
        : null,
    table: drawnTable(prepared),
    totals: totalsOf(prepared),
    picture: null,
  }
}

async function drawWidget(renderer: PictureRenderer, request: DrawRequest): Promise<WidgetPicture> {
  const { widget, width, height, scale, theme } = request
  if (!isKind(widget.type)) throw new TypeError(`There is no chart of type "${widget.type}".`)
  const prepared = prepare(request, widget.type)
  const drawn = withoutPicture(request, prepared)
  if (!isPlot(prepared)) return drawn
  const { id, title } = widget
  const [picture] = await renderer.renderPictures([
    { id, title, kind: prepared.kind, prepared, width, height, theme, scale },
  ])
  return picture ? { ...drawn, picture: { png: picture.png, width, height } } : drawn
}

/** The kernel's port on top of the chart library and the picture worker. */
export function createWidgetPictures(renderer: PictureRenderer = createPictureRenderer()): WidgetPictures {
  return {
    async drawWidgets(requests) {
      const outcomes: DrawOutcome[] = []
      const failures: PictureError[] = []
      for (const request of requests) {
        const { id } = request.widget
        try {
          outcomes.push({ id, isDrawn: true, widget: await drawWidget(renderer, request) })
        } catch (error) {
          // One broken widget costs its own picture only; the caller logs the reason and marks the place in the mail.
          if (error instanceof PictureError && error.isRendererFailure) failures.push(error)
          outcomes.push({ id, isDrawn: false, reason: error instanceof Error ? error.message : String(error) })
        }
      }
      const [failure] = failures
      // The worker itself is gone: that passes, and a mail without a single widget is worth less than one a little later.
      if (failure && failures.length === requests.length) throw failure
      return outcomes
    },
    close: () => renderer.close(),
  }
}

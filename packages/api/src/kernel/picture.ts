/**
 * The port that shows widgets outside a browser. The server prepares the frozen query result with the chart library's
 * own functions and draws it with the web's own components, so that a number in a mail reads as it does on the page.
 * The kernel knows no context's noun: a widget and a result cross it as plain JSON.
 */
export interface DrawRequest {
  /** The widget as it is stored: `type` picks the chart, `format` says how values read. */
  widget: { id: string; type: string; title: string; format: unknown }
  /** The query result as the API returns it. */
  result: unknown
  /** BCP 47 tag. */
  locale: string
  /** Size in CSS pixels and pixels per CSS pixel; read for widgets that are drawn (lines and bars). */
  width: number
  height: number
  scale: number
  theme: 'light' | 'dark'
}

/** A change as a reader sees it: `text` carries its sign, `tone` already knows whether lower is better. */
export interface DrawnDelta {
  text: string
  direction: 'up' | 'down' | 'flat'
  tone: 'good' | 'bad' | 'neutral'
}

export interface DrawnNumber {
  /** The formatted value, `–` when nothing was measured. */
  value: string
  delta: DrawnDelta | null
  previous: string | null
}

/** A table with formatted cells. Of a chart it is the table view: the buckets and their values. */
export interface DrawnTable {
  /** The first column names the row, the others are numbers and stand at the right. */
  columns: string[]
  rows: { cells: string[]; delta: DrawnDelta | null }[]
  /** What the table leaves out, in words. */
  note: string | null
}

export interface WidgetPicture {
  id: string
  /** One sentence that says what the widget shows: the alt text of the picture. */
  summary: string
  /** For a number tile. */
  number: DrawnNumber | null
  /** For everything else. */
  table: DrawnTable | null
  /** One entry per series with its total over the range; for charts of more than one series. */
  totals: { label: string; value: string }[]
  /** For what is drawn (lines and bars); `width` and `height` in CSS pixels. */
  picture: { png: Uint8Array<ArrayBuffer>; width: number; height: number } | null
}

/** What became of a request. One widget that cannot be drawn never takes the others with it. */
export type DrawOutcome =
  | { id: string; isDrawn: true; widget: WidgetPicture }
  | { id: string; isDrawn: false; reason: string }

/** `ctx.pictures`; the server's is apps/server/src/render/widget-pictures.ts. */
export interface WidgetPictures {
  /** One outcome per request, in their order. Rejects only when nothing at all can be drawn (the worker is gone). */
  drawWidgets(requests: readonly DrawRequest[]): Promise<DrawOutcome[]>
  close(): Promise<void>
}

import type { PreparedChart, ThemeName } from '@trackable/ui/charts'

/** One chart to draw. `title` names the widget in errors. */
export interface PictureRequest {
  id: string
  title: string
  kind: PreparedChart['kind']
  prepared: PreparedChart
  /** CSS pixels; the picture has `scale` times as many. */
  width: number
  height: number
  theme: ThemeName
  scale: number
}

/** To the worker: draw this one. It answers each request with one message, in order. */
export type WorkerAnswer =
  | { isDrawn: true; png: Uint8Array<ArrayBuffer>; svg: string }
  | { isDrawn: false; reason: string }

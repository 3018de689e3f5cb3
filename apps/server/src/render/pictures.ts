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

export interface Picture {
  id: string
  png: Buffer
  svg: string
}

export interface PictureRenderer {
  renderPictures(requests: readonly PictureRequest[]): Promise<Picture[]>
  close(): Promise<void>
}

export interface PictureRendererOptions {
  /** Where the worker's code is. Default: the bundle's `render-worker.mjs`, or the source in development and tests. */
  workerUrl?: URL
}

export function createPictureRenderer(_options: PictureRendererOptions = {}): PictureRenderer {
  throw new Error('not drawn yet')
}

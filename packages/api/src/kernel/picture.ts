/** The port that draws charts outside a browser. The server runs the web's own chart components in a worker thread. */
export interface PictureRequest {
  id: string
  title: string
  kind: 'number' | 'line' | 'bar' | 'table'
  /** What the prepare functions of the chart library returned; plain JSON. */
  prepared: unknown
  width: number
  height: number
  theme: 'light' | 'dark'
  scale: number
}

export interface Picture {
  id: string
  png: Uint8Array<ArrayBuffer>
}

export interface PictureRenderer {
  /** All or nothing: a widget that cannot be drawn rejects with an error that names it. */
  renderPictures(requests: readonly PictureRequest[]): Promise<Picture[]>
  close(): Promise<void>
}

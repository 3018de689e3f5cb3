export interface EmbeddedOptions {
  /** Created when missing. */
  database?: string
  log?: (message: string) => void
  /** Server settings on top of ours. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  url: string
  /** False when another process had already started this cluster. */
  started: boolean
  /** Gives up this process's use of the cluster; its last user shuts it down. */
  stop(): Promise<void>
}

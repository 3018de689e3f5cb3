import type { ImportRun } from '@trackable/api/client'
import { useEffect, useRef, useState } from 'react'
import { PartError, sendParts } from './import-parts'

export interface Upload {
  run: ImportRun
  isSending: boolean
  /** Why it stands still, other than by a pause. */
  problem: { message: string; requestId: string | undefined } | null
  start: (file: File) => void
  pause: () => void
  /** What the server said of the run elsewhere, such as that it is cancelled. */
  setRun: (run: ImportRun) => void
}

/** Drives a run while its page is open. Leaving the page pauses it. */
export function useUpload(initial: ImportRun): Upload {
  const [run, setRun] = useState(initial)
  const [isSending, setSending] = useState(false)
  const [problem, setProblem] = useState<Upload['problem']>(null)
  const latest = useRef(initial)
  const control = useRef<AbortController | null>(null)
  useEffect(() => () => control.current?.abort(), [])
  const take = (next: ImportRun) => {
    latest.current = next
    setRun(next)
  }
  const start = (file: File) => {
    if (control.current || latest.current.status !== 'running') return
    const own = new AbortController()
    control.current = own
    setSending(true)
    setProblem(null)
    sendParts({ run: latest.current, file, signal: own.signal, onRun: take })
      .catch((error: unknown) => {
        if (own.signal.aborted) return
        const known = error instanceof PartError
        setProblem({
          // A file that changed on the disk cannot be read through the handle that the page holds.
          message: known
            ? error.message
            : 'The file could not be read. It may have been changed or moved: choose it again.',
          requestId: known ? error.requestId : undefined,
        })
      })
      .finally(() => {
        if (control.current === own) control.current = null
        setSending(false)
      })
  }
  return { run, isSending, problem, start, pause: () => control.current?.abort(), setRun: take }
}

import { Button } from '@trackable/ui/button'
import { cn } from '@trackable/ui/cn'
import { FileUp } from 'lucide-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'

export interface FileDropProps {
  title: ReactNode
  detail: ReactNode
  busy?: boolean
  onFile: (file: File) => void
}

/** Takes a file that is dropped, or chosen with the button. */
export function FileDrop({ title, detail, busy, onFile }: FileDropProps) {
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer.files[0]
    if (file && !busy) onFile(file)
  }
  return (
    <section
      aria-label="Choose a file"
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cn(
        'grid justify-items-center gap-1 rounded-card border border-line-strong border-dashed bg-card px-6 py-12 text-center transition-colors',
        isOver && 'border-accent bg-accent-tint',
      )}
    >
      <FileUp aria-hidden className="mb-2 size-8 text-muted" strokeWidth={1.5} />
      <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]">{title}</h2>
      <p className="max-w-[56ch] text-13 text-muted">{detail}</p>
      <Button variant="primary" busy={busy} className="mt-4" onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={input}
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
        aria-label="File to import"
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          const file = event.target.files?.[0]
          // The same file can be chosen again, after it was changed.
          event.target.value = ''
          if (file) onFile(file)
        }}
      />
    </section>
  )
}

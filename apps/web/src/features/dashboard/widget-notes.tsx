import { type ChartNote, notesOf } from '@trackable/ui/charts'
import { cn } from '@trackable/ui/cn'
import { IconButton } from '@trackable/ui/icon-button'
import { Popover, PopoverContent, PopoverTrigger } from '@trackable/ui/popover'
import { Clock, Info, TriangleAlert } from 'lucide-react'
import { useNow } from '../../time'
import type { WidgetData } from './use-widget-data'

/** Silence is noticed while a page stays open. */
const LOOK_EVERY_MS = 30_000

interface NotesProps {
  data: WidgetData
}

function useNotes({ result, receivedAt, error }: WidgetData): ChartNote[] {
  const now = useNow(LOOK_EVERY_MS)
  if (!result) return []
  // Counted on from the server's clock. What could not be asked for again has perhaps come meanwhile.
  return notesOf(result, error ? result.asOf : result.asOf + Math.max(0, now - receivedAt))
}

/** A quiet sign in a widget's head that something has to be known about its figures. Says it on hover, focus and click. */
export function WidgetNotes({ title, data }: NotesProps & { title: string }) {
  const notes = useNotes(data)
  if (notes.length === 0) return null
  const isWarning = notes.some((note) => note.isWarning)
  const Icon = notes[0]?.code === 'late' ? Clock : isWarning ? TriangleAlert : Info
  return (
    <Popover>
      <PopoverTrigger>
        <IconButton
          label={notes.map(({ text }) => text).join(' ')}
          size={24}
          className={cn('-mt-0.5', isWarning && 'text-warn enabled:hover:text-warn')}
        >
          <Icon aria-hidden />
        </IconButton>
      </PopoverTrigger>
      <PopoverContent label={`About ${title}`} align="end" className="w-72">
        <NoteLines data={data} className="grid gap-2 text-13" />
      </PopoverContent>
    </Popover>
  )
}

/** The same in words, for a view that is read and not looked at. */
export function NoteLines({ data, className }: NotesProps & { className: string }) {
  const notes = useNotes(data)
  if (notes.length === 0) return null
  return (
    <ul className={className}>
      {notes.map(({ code, text }) => (
        <li key={`${code} ${text}`}>{text}</li>
      ))}
    </ul>
  )
}

import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { Toast as Radix } from 'radix-ui'
import { type ReactNode, useSyncExternalStore } from 'react'
import { cn } from './cn'
import { IconButton } from './icon-button'

export interface ToastOptions {
  tone?: 'good' | 'bad' | 'neutral'
  /** "Undo", "See answer". */
  action?: { label: string; onSelect: () => void }
  /** Errors stay 10 s, the rest 5; hovering and focus stop the clock. */
  durationMs?: number
}

interface ToastEntry extends ToastOptions {
  id: number
  message: ReactNode
  isOpen: boolean
}

const SHOWN_MAX = 3
const CLOSE_MS = 200
let entries: readonly ToastEntry[] = []
let nextId = 1
const listeners = new Set<() => void>()

/** Tells about something that happened out of sight. What happened in sight needs none; errors stand where they belong. */
export function toast(message: ReactNode, options: ToastOptions = {}): void {
  publish([...entries, { id: nextId++, message, isOpen: true, ...options }].slice(-SHOWN_MAX))
}

toast.good = (message: ReactNode, options?: ToastOptions) => toast(message, { ...options, tone: 'good' })
toast.bad = (message: ReactNode, options?: ToastOptions) => toast(message, { ...options, tone: 'bad' })

/** Stands once at the root. F8 moves the focus to the toasts. */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, read, read)
  return (
    <Radix.Provider label="Notification" swipeDirection="right">
      {shown.map((entry) => (
        <ToastCard key={entry.id} entry={entry} />
      ))}
      <Radix.Viewport className="fixed right-4 bottom-4 z-70 flex w-max max-w-[calc(100vw-32px)] flex-col items-end gap-2 outline-none max-phone:left-4 max-phone:w-auto max-phone:items-stretch" />
    </Radix.Provider>
  )
}

function ToastCard({ entry }: { entry: ToastEntry }) {
  const { id, message, tone = 'good', action, isOpen } = entry
  const isBad = tone === 'bad'
  return (
    <Radix.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (!open) close(id)
      }}
      type={isBad ? 'foreground' : 'background'}
      duration={entry.durationMs ?? (isBad ? 10_000 : 5000)}
      className="flex min-h-11 animate-rise items-center gap-2.5 rounded-[10px] border border-line bg-raised ps-4 pe-2 text-13 shadow-menu data-[swipe=move]:translate-x-(--radix-toast-swipe-move-x)"
    >
      {tone === 'neutral' ? null : isBad ? (
        <CircleAlert aria-hidden className="text-bad" />
      ) : (
        <CircleCheck aria-hidden className="text-good-mark" />
      )}
      <Radix.Title className="min-w-0 py-2.5">{message}</Radix.Title>
      {action ? (
        <Radix.Action asChild altText={action.label}>
          <button
            type="button"
            onClick={action.onSelect}
            className={cn('link flex-none rounded-control px-1.5 py-1.5 text-13 touch:min-h-11')}
          >
            {action.label}
          </button>
        </Radix.Action>
      ) : null}
      <Radix.Close asChild>
        <IconButton label="Dismiss" size={28} tooltip={false} className="ml-auto">
          <X aria-hidden />
        </IconButton>
      </Radix.Close>
    </Radix.Root>
  )
}

/** Marks it closed first, so that the library can move the focus on before the element goes. */
function close(id: number): void {
  publish(entries.map((entry) => (entry.id === id ? { ...entry, isOpen: false } : entry)))
  setTimeout(() => publish(entries.filter((entry) => entry.id !== id)), CLOSE_MS)
}

function publish(next: readonly ToastEntry[]): void {
  entries = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function read(): readonly ToastEntry[] {
  return entries
}

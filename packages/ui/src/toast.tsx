import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
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
}

const SHOWN_MAX = 3
let entries: readonly ToastEntry[] = []
let nextId = 1
const listeners = new Set<() => void>()

/** Tells about something that happened out of sight. What happened in sight needs none; errors stand where they belong. */
export function toast(message: ReactNode, options: ToastOptions = {}): void {
  publish([...entries, { id: nextId++, message, ...options }].slice(-SHOWN_MAX))
}

toast.good = (message: ReactNode, options?: ToastOptions) => toast(message, { ...options, tone: 'good' })
toast.bad = (message: ReactNode, options?: ToastOptions) => toast(message, { ...options, tone: 'bad' })

/**
 * Stands once at the root; F8 moves the focus here. Our own, because the library's toast weighs as much as its dialog and the
 * common alternative writes a style element. As a live region it stays readable while a dialog hides the rest of the page.
 */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, read, read)
  const list = useRef<HTMLElement>(null)
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'F8') list.current?.querySelector('button')?.focus()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return (
    <section
      ref={list}
      data-toaster
      aria-label="Notifications"
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 z-70 flex max-w-[calc(100vw-32px)] flex-col items-end gap-2 max-phone:left-4 max-phone:items-stretch"
    >
      {shown.map((entry) => (
        <ToastCard key={entry.id} entry={entry} />
      ))}
    </section>
  )
}

function ToastCard({ entry }: { entry: ToastEntry }) {
  const { id, message, tone = 'good', action } = entry
  const isBad = tone === 'bad'
  const [isHeld, setIsHeld] = useState(false)
  const durationMs = entry.durationMs ?? (isBad ? 10_000 : 5000)
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => dismiss(id), durationMs)
    return () => clearTimeout(timer)
  }, [id, isHeld, durationMs])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the listeners only stop the clock; the buttons inside do the work.
    <div
      role={isBad ? 'alert' : undefined}
      // A click on "Undo" must not reach the layers' listener on the document: they would take it for one outside and close.
      onPointerDown={(event) => event.stopPropagation()}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') dismiss(id)
      }}
      className="pointer-events-auto flex min-h-11 animate-rise items-center gap-2.5 rounded-[10px] border border-line bg-raised ps-4 pe-2 text-13 shadow-menu"
    >
      {tone === 'neutral' ? null : isBad ? (
        <CircleAlert aria-hidden className="text-bad" />
      ) : (
        <CircleCheck aria-hidden className="text-good-mark" />
      )}
      <span className="min-w-0 py-2.5">{message}</span>
      {action ? (
        <button
          type="button"
          onClick={() => {
            action.onSelect()
            dismiss(id)
          }}
          className="link flex-none rounded-control px-1.5 py-1.5 text-13 touch:min-h-11"
        >
          {action.label}
        </button>
      ) : null}
      <IconButton label="Dismiss" size={28} tooltip={false} className="ml-auto" onClick={() => dismiss(id)}>
        <X aria-hidden />
      </IconButton>
    </div>
  )
}

function dismiss(id: number): void {
  publish(entries.filter((entry) => entry.id !== id))
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

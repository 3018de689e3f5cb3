import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark' | 'system'
/** Also read by public/theme.js, before the first paint. */
const KEY = 'trackable.theme'
const listeners = new Set<() => void>()

function read(): Theme {
  const set = document.documentElement.dataset.theme
  return set === 'light' || set === 'dark' ? set : 'system'
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // Storage is blocked: the choice lasts until the page is left, which is all that can be had.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, read)
}

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)')

function resolve(): 'light' | 'dark' {
  const theme = read()
  return theme === 'system' ? (darkQuery.matches ? 'dark' : 'light') : theme
}

function subscribeResolved(listener: () => void): () => void {
  const unsubscribe = subscribe(listener)
  darkQuery.addEventListener('change', listener)
  return () => {
    unsubscribe()
    darkQuery.removeEventListener('change', listener)
  }
}

/** The theme that is on screen, for charts: their colours are values and not CSS variables. */
export function useResolvedTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribeResolved, resolve)
}

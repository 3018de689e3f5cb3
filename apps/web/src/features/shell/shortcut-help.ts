import { useEffect, useSyncExternalStore } from 'react'
import { MOD } from './use-hotkey'

export interface Shortcut {
  keys: string[]
  label: string
}
export interface ShortcutGroup {
  title: string
  shortcuts: Shortcut[]
}

const GENERAL: ShortcutGroup = {
  title: 'Everywhere',
  shortcuts: [
    { keys: [`${MOD}K`], label: 'Search or jump to a page' },
    { keys: ['['], label: 'Narrow or widen the rail' },
    { keys: ['?'], label: 'Show this list' },
    { keys: ['Esc'], label: 'Close the topmost layer' },
  ],
}

let groups: readonly ShortcutGroup[] = [GENERAL]
const listeners = new Set<() => void>()

function change(next: readonly ShortcutGroup[]): void {
  groups = next
  for (const listener of listeners) listener()
}

/** Adds the keys of a page to the list behind `?` for as long as the page is open. `group` must keep its identity. */
export function useShortcutHelp(group: ShortcutGroup): void {
  useEffect(() => {
    change([...groups, group])
    return () => change(groups.filter((g) => g !== group))
  }, [group])
}

export function useShortcutGroups(): readonly ShortcutGroup[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => groups,
  )
}

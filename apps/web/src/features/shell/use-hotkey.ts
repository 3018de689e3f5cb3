import { useEffect, useEffectEvent } from 'react'

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
/** The command key's name on this machine, for hints. */
export const MOD = isMac ? '⌘' : 'Ctrl '

/** Typing a letter into a field is not a command, and neither is one pressed while a dialog is open. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}

/**
 * Calls `onKey` when the key is pressed outside fields and dialogs: a single character, or `mod+k` for ⌘K / Ctrl K,
 * which also works inside fields.
 */
export function useHotkey(key: string, onKey: (event: KeyboardEvent) => void, isEnabled = true): void {
  const handle = useEffectEvent((event: KeyboardEvent) => {
    const wantsMod = key.startsWith('mod+')
    const wanted = wantsMod ? key.slice(4) : key
    if (event.key.toLowerCase() !== wanted || (event.metaKey || event.ctrlKey) !== wantsMod || event.altKey) return
    if (event.defaultPrevented || event.repeat) return
    if (!wantsMod && (isTyping(event.target) || document.querySelector('[data-modal]'))) return
    event.preventDefault()
    onKey(event)
  })
  useEffect(() => {
    if (!isEnabled) return
    const listener = (event: KeyboardEvent) => handle(event)
    window.addEventListener('keydown', listener)
    return () => window.removeEventListener('keydown', listener)
  }, [isEnabled])
}

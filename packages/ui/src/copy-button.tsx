import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button, type ButtonProps } from './button'
import { IconButton } from './icon-button'

const DONE_MS = 1600

export interface CopyButtonProps {
  text: string
  label?: string
  size?: 28 | 32 | 36
  variant?: ButtonProps['variant']
  /** Only the icon; `label` is then its name, such as "Copy the request id". */
  iconOnly?: boolean
  className?: string
}

/** Copies a text and says so where it was clicked, to the eye and to a screen reader. */
export function CopyButton({ text, label = 'Copy', size, variant, iconOnly = false, className }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const copy = async () => {
    setState((await writeClipboard(text)) ? 'copied' : 'failed')
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setState('idle'), DONE_MS)
  }
  const icon = state === 'copied' ? <Check aria-hidden className="!text-good" /> : <Copy aria-hidden />
  const word = state === 'copied' ? 'Copied' : state === 'failed' ? 'Select and copy' : label
  return (
    <>
      {iconOnly ? (
        <IconButton label={word} size={24} onClick={copy} className={className}>
          {icon}
        </IconButton>
      ) : (
        <Button size={size} variant={variant} icon={icon} onClick={copy} className={className}>
          {word}
        </Button>
      )}
      <span role="status" className="sr-only">
        {state === 'copied' ? 'Copied' : ''}
      </span>
    </>
  )
}

/** The clipboard interface exists on https and localhost only; a server in a home network is often neither. */
async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'fixed inset-0 opacity-0'
  // Inside an open dialog, because its focus trap takes the focus back from anything outside.
  const host = before?.closest('[role="dialog"]') ?? document.body
  host.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return isCopied
}

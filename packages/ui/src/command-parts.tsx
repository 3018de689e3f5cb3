import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { Spinner } from './spinner'

export const commandList = 'scroll-py-1 overflow-y-auto overscroll-contain p-1'
export const commandEmpty = 'px-2 py-6 text-center text-13 text-muted'
export const groupClasses =
  '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-1.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-muted'

export interface CommandSearchProps {
  placeholder: string
  busy?: boolean
  value?: string
  onValueChange?: (text: string) => void
}

/** The search line of a list; the focus stays in it while the arrow keys move through the list. */
export function CommandSearch({ placeholder, busy, value, onValueChange }: CommandSearchProps) {
  return (
    <div className="flex h-10 items-center gap-2 border-line border-b px-3 touch:h-12">
      <Search aria-hidden className="size-[15px] text-muted" />
      <Command.Input
        placeholder={placeholder}
        value={value}
        onValueChange={onValueChange}
        className="h-full min-w-0 flex-1 bg-transparent text-13 outline-none touch:text-16"
      />
      {busy ? <Spinner className="text-muted" /> : null}
    </div>
  )
}

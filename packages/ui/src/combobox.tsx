import { Command } from 'cmdk'
import { Check, ChevronsUpDown } from 'lucide-react'
import { Popover as Radix } from 'radix-ui'
import { type ReactNode, useId, useMemo, useState } from 'react'
import { cn } from './cn'
import { CommandSearch, commandEmpty, commandList, groupClasses } from './command-parts'
import { useControlProps } from './field-context'
import { type ControlSize, controlBox } from './input'
import { menuItem, menuSurface } from './menu-styles'

export interface ComboboxOption<T extends string = string> {
  value: T
  label: string
  /** A second line. */
  detail?: ReactNode
  /** Right of the label: a kind, an age. */
  hint?: ReactNode
  group?: string
  /** Also found by these. */
  keywords?: string[]
  disabled?: boolean
}

export interface ComboboxProps<T extends string = string> {
  value: T | null
  onValueChange: (value: T) => void
  options: readonly ComboboxOption<T>[]
  placeholder?: string
  searchPlaceholder?: string
  /** What the list says when nothing matches. */
  empty?: ReactNode
  /** Takes over the search: options are then shown as they come. */
  onSearch?: (text: string) => void
  busy?: boolean
  size?: ControlSize
  mono?: boolean
  disabled?: boolean
  /** Names the control where no Field does. */
  label?: string
  /** Below the list: a count, a key. */
  footer?: ReactNode
  id?: string
  className?: string
}

/** A select with a search, for lists that are long or have two lines. */
export function Combobox<T extends string = string>({
  value,
  onValueChange,
  options,
  placeholder = 'Choose',
  size = 36,
  mono = false,
  disabled,
  label,
  id,
  className,
  ...list
}: ComboboxProps<T>) {
  const [isOpen, setIsOpen] = useState(false)
  const listId = useId()
  const control = useControlProps({ id })
  const chosen = options.find((option) => option.value === value)
  return (
    <Radix.Root open={isOpen} onOpenChange={setIsOpen}>
      <Radix.Trigger asChild>
        <button
          type="button"
          role="combobox"
          aria-expanded={isOpen}
          aria-controls={listId}
          aria-haspopup="listbox"
          aria-label={label ? `${label}: ${chosen?.label ?? placeholder}` : undefined}
          disabled={disabled}
          {...control}
          className={cn(controlBox({ size }), 'text-start disabled:opacity-50', className)}
        >
          <span
            className={cn(
              'min-w-0 flex-1 truncate',
              !chosen && 'text-muted',
              mono && chosen && 'font-mono text-[0.93em]',
            )}
          >
            {chosen?.label ?? value ?? placeholder}
          </span>
          <ChevronsUpDown aria-hidden />
        </button>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label ?? placeholder}
          className={cn(
            menuSurface,
            'w-(--radix-popover-trigger-width) min-w-64 max-w-[calc(100vw-16px)] overflow-hidden',
            options.some((option) => option.detail) && 'min-w-100 max-phone:min-w-64',
          )}
        >
          <ComboboxList
            {...list}
            id={listId}
            label={label ?? placeholder}
            mono={mono}
            value={value}
            options={options}
            onPick={(picked) => {
              onValueChange(picked)
              setIsOpen(false)
            }}
          />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

interface ComboboxListProps<T extends string>
  extends Pick<ComboboxProps<T>, 'options' | 'searchPlaceholder' | 'empty' | 'onSearch' | 'busy' | 'footer' | 'mono'> {
  id: string
  label: string
  value: T | null
  onPick: (value: T) => void
}

function ComboboxList<T extends string>({
  id,
  label,
  value,
  options,
  searchPlaceholder = 'Search',
  empty = 'Nothing matches.',
  onSearch,
  busy,
  footer,
  mono,
  onPick,
}: ComboboxListProps<T>) {
  const groups = useMemo(() => groupOptions(options), [options])
  return (
    <Command label={label} shouldFilter={!onSearch} defaultValue={value ?? undefined} loop>
      <CommandSearch placeholder={searchPlaceholder} busy={busy} onValueChange={onSearch} />
      <Command.List id={id} className={cn(commandList, 'max-h-80')}>
        <Command.Empty className={commandEmpty}>{busy ? 'Searching' : empty}</Command.Empty>
        {groups.map(([heading, members]) => (
          <Command.Group key={heading} heading={heading || undefined} className={groupClasses}>
            {members.map((option) => (
              <Command.Item
                key={option.value}
                value={option.value}
                keywords={[option.label, ...(option.keywords ?? [])]}
                disabled={option.disabled}
                onSelect={() => onPick(option.value)}
                className={cn(menuItem, option.detail && 'min-h-12')}
              >
                <span className="grid min-w-0 flex-1 leading-[18px]">
                  <span className={cn('truncate', mono && 'font-mono text-[0.93em]')}>{option.label}</span>
                  {option.detail ? <span className="truncate text-12 text-muted">{option.detail}</span> : null}
                </span>
                {option.hint ? <span className="flex-none text-12 text-muted">{option.hint}</span> : null}
                <Check
                  aria-hidden
                  className={cn('text-accent-text', option.value === value ? 'visible' : 'invisible')}
                />
              </Command.Item>
            ))}
          </Command.Group>
        ))}
      </Command.List>
      {footer ? <div className="border-line border-t px-3 py-2 text-12 text-muted">{footer}</div> : null}
    </Command>
  )
}

/** In the order in which groups first appear. */
function groupOptions<T extends string>(options: readonly ComboboxOption<T>[]): [string, ComboboxOption<T>[]][] {
  const groups = new Map<string, ComboboxOption<T>[]>()
  for (const option of options) {
    const members = groups.get(option.group ?? '')
    if (members) members.push(option)
    else groups.set(option.group ?? '', [option])
  }
  return [...groups]
}

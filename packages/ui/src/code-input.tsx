import { cn } from './cn'
import { useControlProps } from './field-context'

export interface CodeInputProps {
  value: string
  onValueChange: (value: string) => void
  /** All digits are there. */
  onComplete?: (value: string) => void
  length?: number
  disabled?: boolean
  autoFocus?: boolean
  id?: string
  label?: string
}

/**
 * A one-time code: boxes to see, one real input to type, paste and autofill into. Six separate inputs break paste, password
 * managers and screen readers.
 */
export function CodeInput({
  value,
  onValueChange,
  onComplete,
  length = 6,
  disabled,
  autoFocus,
  id,
  label = 'One-time code',
}: CodeInputProps) {
  const control = useControlProps({ id })
  const positions = Array.from({ length }, (_, position) => position)
  return (
    <div className="group relative">
      <input
        {...control}
        aria-label={control.id ? undefined : label}
        value={value}
        disabled={disabled}
        // biome-ignore lint/a11y/noAutofocus: the caller decides; on a page that asks for nothing else it is right.
        autoFocus={autoFocus}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9]*"
        maxLength={length + 2}
        onChange={(event) => {
          const digits = event.currentTarget.value.replace(/\D/g, '').slice(0, length)
          onValueChange(digits)
          if (digits.length === length && digits !== value) onComplete?.(digits)
        }}
        className="absolute inset-0 z-1 size-full cursor-text bg-transparent text-16 text-transparent caret-transparent outline-none"
      />
      <div aria-hidden className="flex items-center gap-2">
        {positions.map((position) => (
          <span key={position} className="contents">
            {length % 2 === 0 && position === length / 2 ? (
              <span className="h-0.5 w-3 flex-none rounded-full bg-line-strong" />
            ) : null}
            <span
              className={cn(
                'grid h-13 min-w-0 flex-1 place-items-center rounded-[10px] border border-line-strong bg-card font-semibold text-20 tabular-nums',
                control['aria-invalid'] && 'border-bad',
                position === Math.min(value.length, length - 1) &&
                  'group-focus-within:outline-2 group-focus-within:outline-focus group-focus-within:-outline-offset-1',
              )}
            >
              {value[position] ?? ''}
            </span>
          </span>
        ))}
      </div>
    </div>
  )
}

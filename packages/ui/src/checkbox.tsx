import { Check, Minus } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './cn'
import { useControlProps } from './field-context'

export interface CheckboxProps extends Omit<ComponentProps<'input'>, 'type' | 'size'> {
  label?: ReactNode
  hint?: ReactNode
  /** Some but not all of what it stands for. */
  indeterminate?: boolean
  onCheckedChange?: (isChecked: boolean) => void
}

/** A real checkbox input under our drawing, so forms, labels and `register` work as anywhere. */
export function Checkbox({ label, hint, className, ...props }: CheckboxProps) {
  const hintId = useId()
  const box = <CheckboxBox {...props} aria-describedby={hint ? hintId : props['aria-describedby']} />
  if (!label) return <span className={cn('inline-grid', className)}>{box}</span>
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the input is inside, in a component that the rule cannot look into.
    <label
      className={cn(
        'flex min-h-8 items-center gap-2 text-13 text-soft touch:min-h-11',
        props.disabled ? 'opacity-50' : 'cursor-pointer',
        hint && 'items-start py-1.5',
        className,
      )}
    >
      <span className={cn('inline-grid', hint && 'mt-0.5')}>{box}</span>
      <span className="min-w-0">
        {label}
        {hint ? (
          <span id={hintId} className="block text-12 text-muted">
            {hint}
          </span>
        ) : null}
      </span>
    </label>
  )
}

/** The box alone, for components that bring their own label around it. */
export function CheckboxBox({
  indeterminate = false,
  onCheckedChange,
  onChange,
  ref,
  ...props
}: Omit<CheckboxProps, 'label' | 'hint' | 'className'>) {
  const control = useControlProps(props)
  return (
    <span className="relative inline-grid size-4 flex-none">
      <input
        {...props}
        {...control}
        type="checkbox"
        ref={(element) => {
          if (element) element.indeterminate = indeterminate
          if (typeof ref === 'function') return ref(element)
          if (ref) ref.current = element
        }}
        onChange={(event) => {
          onChange?.(event)
          onCheckedChange?.(event.currentTarget.checked)
        }}
        // The pseudo-element widens the target to 32 px, 44 on touch; it has to belong to the input to count as a click on it.
        className="peer absolute inset-0 z-1 m-0 size-4 cursor-[inherit] appearance-none rounded-[4px] border border-mark bg-card transition-colors checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent after:absolute after:-inset-[9px] aria-invalid:border-bad touch:after:-inset-[15px]"
      />
      <Check
        aria-hidden
        className="pointer-events-none invisible relative z-2 m-auto size-3 stroke-[3] text-accent-ink peer-checked:visible peer-indeterminate:invisible"
      />
      <Minus
        aria-hidden
        className="pointer-events-none invisible absolute inset-0 z-2 m-auto size-3 stroke-[3] text-accent-ink peer-indeterminate:visible"
      />
    </span>
  )
}

import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './cn'
import { useControlProps } from './field-context'

export interface SwitchProps extends Omit<ComponentProps<'input'>, 'type' | 'size' | 'role'> {
  label?: ReactNode
  hint?: ReactNode
  /** `end` puts the switch to the right edge, as in a list of options. */
  place?: 'start' | 'end'
  onCheckedChange?: (isOn: boolean) => void
}

/** Something that is on or off and takes effect at once. What waits for a save button is a Checkbox. */
export function Switch({ label, hint, place = 'start', className, ...props }: SwitchProps) {
  const hintId = useId()
  const knob = <SwitchKnob {...props} aria-describedby={hint ? hintId : props['aria-describedby']} />
  if (!label) return <span className={cn('inline-grid', className)}>{knob}</span>
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the input is inside, in a component that the rule cannot look into.
    <label
      className={cn(
        'flex min-h-8 items-center gap-2 text-13 text-soft touch:min-h-11',
        place === 'end' && 'flex-row-reverse justify-between',
        props.disabled ? 'opacity-50' : 'cursor-pointer',
        className,
      )}
    >
      {knob}
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

function SwitchKnob({
  onCheckedChange,
  onChange,
  ...props
}: Omit<SwitchProps, 'label' | 'hint' | 'place' | 'className'>) {
  const control = useControlProps(props)
  return (
    <input
      {...props}
      {...control}
      type="checkbox"
      // biome-ignore lint/a11y/useAriaPropsForRole: a native checkbox says itself whether it is on.
      role="switch"
      onChange={(event) => {
        onChange?.(event)
        onCheckedChange?.(event.currentTarget.checked)
      }}
      className="relative m-0 h-4 w-7 flex-none cursor-[inherit] appearance-none rounded-full bg-mark transition-colors before:absolute before:top-0.5 before:left-0.5 before:size-3 before:rounded-full before:bg-white before:transition-transform checked:bg-accent after:absolute after:-inset-x-0.5 after:-inset-y-2 checked:before:translate-x-3 touch:after:-inset-x-2 touch:after:-inset-y-3.5"
    />
  )
}

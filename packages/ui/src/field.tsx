import { CircleAlert } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { cn } from './cn'
import { FieldContext } from './field-context'

interface FieldTexts {
  label: ReactNode
  hint?: ReactNode
  /** Replaces the hint: one of the two is what the reader needs now. */
  error?: ReactNode
  className?: string
  children: ReactNode
}

export interface FieldProps extends FieldTexts {
  /** Right of the label, such as a link "Forgot it?". */
  aside?: ReactNode
  optional?: boolean
  /** Keeps the label for screen readers when the place already says what it is. */
  hideLabel?: boolean
  /** For a control with an id of its own. */
  controlId?: string
}

/** A label, a control, a hint and an error. Controls of this package find their ids by themselves. */
export function Field({ label, hint, error, aside, optional, hideLabel, controlId, className, children }: FieldProps) {
  const ownId = useId()
  const id = controlId ?? ownId
  const noteId = `${id}-note`
  const hasNote = Boolean(error || hint)
  return (
    <div className={cn('min-w-0', className)}>
      <div className={cn('mb-1.5 flex items-baseline justify-between gap-4', hideLabel && 'sr-only')}>
        <label htmlFor={id} className="font-medium text-13">
          {label}
          {optional ? <span className="ml-1.5 font-normal text-muted">optional</span> : null}
        </label>
        {aside ? <span className="text-12">{aside}</span> : null}
      </div>
      <FieldContext.Provider value={{ id, describedBy: hasNote ? noteId : undefined, isInvalid: Boolean(error) }}>
        {children}
      </FieldContext.Provider>
      <FieldNote id={noteId} hint={hint} error={error} />
    </div>
  )
}

/** A question with several controls as its answer: checkboxes, radios, cards. */
export function FieldSet({ label, hint, error, className, children }: FieldTexts) {
  const noteId = `${useId()}-note`
  return (
    <fieldset className={className} aria-describedby={error || hint ? noteId : undefined}>
      <legend className="mb-1.5 font-medium text-13">{label}</legend>
      {children}
      <FieldNote id={noteId} hint={hint} error={error} />
    </fieldset>
  )
}

function FieldNote({ id, hint, error }: { id: string; hint: ReactNode; error: ReactNode }) {
  if (error) {
    return (
      <p id={id} role="alert" className="mt-1.5 flex items-start gap-[5px] text-12 text-bad">
        <CircleAlert aria-hidden className="mt-0.5 size-3.5" />
        <span>{error}</span>
      </p>
    )
  }
  if (!hint) return null
  return (
    <p id={id} className="mt-1.5 text-12 text-muted">
      {hint}
    </p>
  )
}

import { type ComponentProps, type ReactNode, useId } from 'react'
import { CheckboxBox } from './checkbox'
import { cn } from './cn'

export interface ChoiceCardProps extends Omit<ComponentProps<'input'>, 'type' | 'size' | 'title'> {
  type: 'checkbox' | 'radio'
  title: ReactNode
  detail?: ReactNode
}

/** A checkbox or radio with room for a sentence. The whole card is the target. */
export function ChoiceCard({ type, title, detail, className, ...props }: ChoiceCardProps) {
  const detailId = useId()
  const described = detail ? detailId : undefined
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the input is inside, in a component that the rule cannot look into.
    <label
      className={cn(
        'flex cursor-pointer gap-2.5 rounded-[10px] border border-line-strong px-3 py-2.5 transition-colors hover:bg-hover has-[:checked]:border-accent has-[:checked]:bg-accent-tint has-[:disabled]:cursor-default has-[:disabled]:opacity-50',
        className,
      )}
    >
      <span className="mt-0.5 inline-grid h-4">
        {type === 'checkbox' ? (
          <CheckboxBox {...props} aria-describedby={described} />
        ) : (
          <input
            {...props}
            type="radio"
            aria-describedby={described}
            className="m-0 size-4 cursor-[inherit] appearance-none rounded-full border border-mark bg-card checked:border-5 checked:border-accent checked:bg-white"
          />
        )}
      </span>
      <span className="grid min-w-0 content-start text-13 leading-5">
        <span className="font-medium">{title}</span>
        {detail ? (
          <span id={detailId} className="text-12 text-soft">
            {detail}
          </span>
        ) : null}
      </span>
    </label>
  )
}

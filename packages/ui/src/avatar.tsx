import { cva, type VariantProps } from 'class-variance-authority'
import { cn } from './cn'
import { initials, personColor } from './person'

const avatarVariants = cva('inline-grid flex-none select-none place-items-center rounded-full font-semibold', {
  variants: {
    size: {
      18: 'size-4.5 text-[8px]',
      22: 'size-5.5 text-[9px]',
      28: 'size-7 text-[11px]',
      40: 'size-10 text-14',
    },
  },
  defaultVariants: { size: 28 },
})

// Written out, because Tailwind finds only whole names in the source.
const COLORS = ['bg-person-1', 'bg-person-2', 'bg-person-3', 'bg-person-4', 'bg-person-5', 'bg-person-6'] as const

// The first lies on top.
const LAYERS = ['z-5', 'z-4', 'z-3', 'z-2', 'z-1'] as const

export interface AvatarProps extends VariantProps<typeof avatarVariants> {
  /** Decides the colour, so that a person keeps it after a change of name. */
  id: string
  name: string
  /** The name stands next to it already. */
  decorative?: boolean
  className?: string
}

/** The initials of a person on the colour that is theirs on every page, cursor and mail. */
export function Avatar({ id, name, size, decorative = false, className }: AvatarProps) {
  const classes = cn(avatarVariants({ size }), 'text-white', COLORS[personColor(id) - 1], className)
  if (decorative) {
    return (
      <span aria-hidden className={classes}>
        {initials(name)}
      </span>
    )
  }
  return (
    <span role="img" aria-label={name} title={name} className={classes}>
      {initials(name)}
    </span>
  )
}

export interface AvatarStackProps extends VariantProps<typeof avatarVariants> {
  people: readonly { id: string; name: string }[]
  max?: number
  /** The surface below, which the gap between two circles shows. */
  on?: 'page' | 'card'
  label?: string
}

/** Who is here, the first few by face and the rest by number. */
export function AvatarStack({ people, max = 3, size, on = 'page', label = 'People here' }: AvatarStackProps) {
  const shown = people.slice(0, max)
  const rest = people.slice(max)
  const ring = on === 'page' ? 'ring-2 ring-page' : 'ring-2 ring-card'
  return (
    <ul aria-label={label} className="isolate inline-flex">
      {shown.map((person, index) => (
        <li key={person.id} className={cn('relative -ml-[3px] first:ml-0', LAYERS[index])}>
          <Avatar id={person.id} name={person.name} size={size} className={ring} />
        </li>
      ))}
      {rest.length > 0 ? (
        <li className="-ml-1">
          <span
            role="img"
            aria-label={`${rest.length} more: ${rest.map((person) => person.name).join(', ')}`}
            title={rest.map((person) => person.name).join(', ')}
            className={cn(avatarVariants({ size }), ring, 'bg-grey-3 text-[10px] text-soft')}
          >
            +{rest.length}
          </span>
        </li>
      ) : null}
    </ul>
  )
}

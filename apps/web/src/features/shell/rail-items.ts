import { List, type LucideIcon, Mail, Settings } from 'lucide-react'
import { paths } from '../../paths'

/** The pages of a product beside its dashboards. A feature that does not exist yet has no entry. */
export const RAIL_ITEMS: { label: string; icon: LucideIcon; to: (productId: string) => string }[] = [
  { label: 'Metrics', icon: List, to: paths.metrics },
  { label: 'Reports', icon: Mail, to: paths.reports },
  { label: 'Settings', icon: Settings, to: paths.settings },
]

/** 32 px high, or 44 for a thumb. */
export const railItem =
  'flex h-8 w-full items-center gap-2 rounded-control px-2 text-left font-medium text-13 text-soft transition-colors hover:bg-hover touch:h-11 [&>.lucide]:size-4 [&>.lucide]:flex-none [&>.lucide]:text-muted aria-[current=page]:bg-pressed aria-[current=page]:text-ink aria-[current=page]:[&>.lucide]:text-ink'

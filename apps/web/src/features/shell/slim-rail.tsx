import { cn } from '@trackable/ui/cn'
import { IconButton } from '@trackable/ui/icon-button'
import { Tooltip } from '@trackable/ui/tooltip'
import { LayoutGrid, PanelLeft, Search } from 'lucide-react'
import { use } from 'react'
import { NavLink, useMatch } from 'react-router'
import { paths, patterns } from '../../paths'
import { useProduct } from './current'
import { RailContext } from './rail-context'
import { RAIL_ITEMS } from './rail-items'
import { TeamMenu } from './team-menu'
import { MOD } from './use-hotkey'
import { UserMenu } from './user-menu'

const slimItem =
  'grid size-9 place-items-center rounded-control text-muted hover:bg-hover hover:text-ink aria-[current=page]:bg-pressed aria-[current=page]:text-ink'

/** The rail as a column of icons, for wide dashboards on small screens. */
export function SlimRail() {
  const product = useProduct()
  const { openPalette, toggleRail } = use(RailContext)
  const isDashboard = useMatch(patterns.dashboard) !== null
  const items = [{ label: 'Dashboards', icon: LayoutGrid, to: paths.product }, ...RAIL_ITEMS]
  return (
    <div className="flex h-full w-14 flex-col items-center gap-1 py-3">
      <TeamMenu isSlim />
      <IconButton label="Search or jump to" shortcut={`${MOD}K`} onClick={openPalette} className="size-9">
        <Search aria-hidden />
      </IconButton>
      <nav aria-label="Pages" className="mt-2 flex flex-1 flex-col gap-1">
        {items.map(({ label, icon: Icon, to }) => (
          <Tooltip key={label} content={label} side="right">
            <NavLink
              to={to(product.id)}
              end={label === 'Dashboards'}
              aria-label={label}
              className={cn(slimItem, label === 'Dashboards' && isDashboard && 'bg-pressed text-ink')}
            >
              <Icon aria-hidden className="size-4" />
            </NavLink>
          </Tooltip>
        ))}
      </nav>
      <IconButton label="Widen the rail" shortcut="[" onClick={toggleRail}>
        <PanelLeft aria-hidden />
      </IconButton>
      <UserMenu isSlim />
    </div>
  )
}

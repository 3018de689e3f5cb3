import { IconButton } from '@trackable/ui/icon-button'
import { Kbd } from '@trackable/ui/kbd'
import { PanelLeft, Plus, Search } from 'lucide-react'
import { use } from 'react'
import { Link, NavLink } from 'react-router'
import { paths } from '../../paths'
import { useProduct, useTeam } from './current'
import { ProductTree } from './product-tree'
import { RailContext } from './rail-context'
import { RAIL_ITEMS, railItem } from './rail-items'
import { TeamMenu } from './team-menu'
import { MOD } from './use-hotkey'
import { UserMenu } from './user-menu'

/** The left rail, and the same on phones inside a sheet. */
export function Rail({ isSheet = false }: { isSheet?: boolean }) {
  const product = useProduct()
  const team = useTeam()
  const { openPalette, toggleRail } = use(RailContext)
  const canCreate = team.role !== 'viewer'
  return (
    <div className={isSheet ? 'flex h-full min-h-0 flex-col p-3' : 'flex h-full w-rail flex-col p-3'}>
      <TeamMenu />
      <button
        type="button"
        onClick={openPalette}
        className="mb-3 flex h-8 flex-none items-center gap-2 rounded-control border border-line bg-card pr-1.5 pl-2 text-13 text-muted touch:h-11"
      >
        <Search aria-hidden className="size-4 flex-none" />
        <span className="flex-1 text-left">Search or jump to</span>
        <Kbd className="touch:hidden">{MOD}K</Kbd>
      </button>
      <nav aria-label="Pages" className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1">
        <div className="flex h-7 items-center justify-between pr-0.5 pl-2">
          <span className="font-medium text-12 text-muted">Products</span>
          {canCreate ? (
            <Link
              to={paths.newProduct(team.id)}
              aria-label="New product"
              title="New product"
              className="grid size-7 place-items-center rounded-control text-muted hover:bg-hover hover:text-ink"
            >
              <Plus aria-hidden className="size-4" />
            </Link>
          ) : null}
        </div>
        <ProductTree />
        <div className="h-4" />
        {RAIL_ITEMS.map(({ label, icon: Icon, to }) => (
          <NavLink key={label} to={to(product.id)} className={railItem}>
            <Icon aria-hidden />
            {label}
          </NavLink>
        ))}
      </nav>
      <div className="flex items-center gap-1 pt-2">
        <UserMenu />
        {isSheet ? null : (
          <IconButton label="Narrow the rail" shortcut="[" size={28} onClick={toggleRail}>
            <PanelLeft aria-hidden />
          </IconButton>
        )}
      </div>
    </div>
  )
}

import { Suspense } from 'react'
import { NavLink, Outlet } from 'react-router'
import { paths } from '../../paths'
import { useProduct, useTeam } from '../shell/current'
import { Page } from '../shell/page'
import { CardLoading } from '../shell/page-loading'
import { railItem } from '../shell/rail-items'

/** Settings of the person and of the product. Only what exists has an entry. */
export default function SettingsLayout() {
  const product = useProduct()
  const team = useTeam()
  return (
    <Page title="Settings" context={team.name}>
      <div className="grid grid-cols-[10.5rem_minmax(0,1fr)] items-start gap-8 max-laptop:grid-cols-1 max-laptop:gap-5">
        <nav
          aria-label="Settings"
          className="max-laptop:-mx-gutter grid gap-x-1 max-laptop:flex max-laptop:overflow-x-auto max-laptop:px-gutter"
        >
          <Group label={product.name} />
          <Item to={paths.settings(product.id)} label="General" end />
          <Item to={paths.keys(product.id)} label="API keys" />
          <Group label="You" className="mt-4" />
          <Item to={paths.profile(product.id)} label="Profile" />
        </nav>
        <Suspense fallback={<CardLoading />}>
          <Outlet />
        </Suspense>
      </div>
    </Page>
  )
}

function Group({ label, className = '' }: { label: string; className?: string }) {
  return (
    <p className={`flex h-7 items-center truncate px-2 font-medium text-12 text-muted max-laptop:hidden ${className}`}>
      {label}
    </p>
  )
}

function Item({ to, label, end }: { to: string; label: string; end?: boolean }) {
  return (
    <NavLink to={to} end={end} className={`${railItem} max-laptop:w-auto max-laptop:flex-none max-laptop:px-3`}>
      {label}
    </NavLink>
  )
}

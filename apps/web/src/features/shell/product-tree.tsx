import { useQuery } from '@tanstack/react-query'
import type { Product } from '@trackable/api/client'
import { cn } from '@trackable/ui/cn'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { ChevronRight, Plus } from 'lucide-react'
import { use, useId, useState } from 'react'
import { Link, NavLink } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct, useTeam } from './current'
import { RailContext } from './rail-context'
import { railItem } from './rail-items'

/** The team's products; the current one stands open with its dashboards. */
export function ProductTree() {
  const current = useProduct()
  const team = useTeam()
  const trpc = useTRPC()
  const products = useQuery(trpc.product.list.queryOptions({ teamId: team.id }))
  // The current product is known before the list is, and stays reachable if the list cannot be read.
  const list = products.data ?? [current]
  return (
    <ul>
      {list.map((product) => (
        <ProductBranch key={product.id} product={product} isCurrent={product.id === current.id} />
      ))}
    </ul>
  )
}

function ProductBranch({ product, isCurrent }: { product: Product; isCurrent: boolean }) {
  const { openNewDashboard } = use(RailContext)
  const canEdit = useCanEdit()
  const [choice, setChoice] = useState<boolean | null>(null)
  const isOpen = choice ?? isCurrent
  const id = useId()
  return (
    <li>
      <div className="flex items-center">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          aria-label={`Dashboards of ${product.name}`}
          onClick={() => setChoice(!isOpen)}
          className="grid size-8 flex-none place-items-center rounded-control text-muted hover:bg-hover touch:size-11"
        >
          <ChevronRight aria-hidden className={cn('size-3.5 transition-transform', isOpen && 'rotate-90')} />
        </button>
        <Link to={paths.product(product.id)} className={cn(railItem, 'min-w-0 flex-1 px-1 text-ink')}>
          <span className="truncate">{product.name}</span>
        </Link>
        {isCurrent && canEdit ? (
          <button
            type="button"
            aria-label={`New dashboard for ${product.name}`}
            title="New dashboard"
            onClick={openNewDashboard}
            className="mr-0.5 grid size-7 flex-none place-items-center rounded-control text-muted hover:bg-hover hover:text-ink touch:size-11"
          >
            <Plus aria-hidden className="size-4" />
          </button>
        ) : null}
      </div>
      <div id={id}>{isOpen ? <Dashboards productId={product.id} /> : null}</div>
    </li>
  )
}

function Dashboards({ productId }: { productId: string }) {
  const trpc = useTRPC()
  const dashboards = useQuery(trpc.dashboard.list.queryOptions({ productId }))
  return (
    <div className="mb-1 ml-4 border-line border-l pl-2">
      {dashboards.data ? (
        <ul>
          {dashboards.data.map((dashboard) => (
            <li key={dashboard.id}>
              <NavLink
                to={paths.dashboard(productId, dashboard.id)}
                className={cn(railItem, 'h-7.5 font-normal aria-[current=page]:font-medium')}
              >
                <span className="truncate">{dashboard.name}</span>
              </NavLink>
            </li>
          ))}
          {dashboards.data.length === 0 ? <li className="px-2 py-1 text-12 text-muted">No dashboards yet</li> : null}
        </ul>
      ) : dashboards.error ? (
        <button type="button" className="link px-2 py-1 text-12" onClick={() => void dashboards.refetch()}>
          Not loaded. Try again
        </button>
      ) : (
        <SkeletonGroup label="Loading dashboards" className="grid gap-2 px-2 py-2">
          <Skeleton className="w-24" />
          <Skeleton className="w-32" />
        </SkeletonGroup>
      )}
    </div>
  )
}

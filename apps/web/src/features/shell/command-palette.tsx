import { useQueries, useQuery } from '@tanstack/react-query'
import { CommandDialog, CommandGroup, CommandItem } from '@trackable/ui/command'
import { Box, Inbox, KeyRound, LayoutGrid, Plus, Upload, UserRound } from 'lucide-react'
import { use } from 'react'
import { useNavigate } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useProduct, useTeam, useTeams } from './current'
import { RailContext } from './rail-context'
import { RAIL_ITEMS } from './rail-items'

/** Goes anywhere: dashboards, pages and products of every team one is in. */
export default function CommandPalette({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange: (isOpen: boolean) => void
}) {
  const navigate = useNavigate()
  const { openNewDashboard } = use(RailContext)
  const current = useProduct()
  const team = useTeam()
  const { products, dashboards } = useDestinations()
  const go = (to: string) => () => {
    onOpenChange(false)
    navigate(to)
  }
  return (
    <CommandDialog
      open={open}
      onOpenChange={onOpenChange}
      label="Search or jump to"
      placeholder="Search dashboards, products and pages"
      empty="Nothing matches. Try the name of a dashboard or a product."
    >
      {dashboards.length > 0 ? (
        <CommandGroup heading="Dashboards">
          {dashboards.map(({ id, name, product }) => (
            <CommandItem
              key={id}
              value={`dashboard ${name} ${product.name} ${id}`}
              icon={<LayoutGrid aria-hidden />}
              hint={product.name}
              onSelect={go(paths.dashboard(product.id, id))}
            >
              {name}
            </CommandItem>
          ))}
        </CommandGroup>
      ) : null}
      <CommandGroup heading={current.name}>
        {RAIL_ITEMS.map(({ label, icon: Icon, to }) => (
          <CommandItem key={label} value={label} icon={<Icon aria-hidden />} onSelect={go(to(current.id))}>
            {label}
          </CommandItem>
        ))}
        <CommandItem value="API keys" icon={<KeyRound aria-hidden />} onSelect={go(paths.keys(current.id))}>
          API keys
        </CommandItem>
        <CommandItem
          value="rejected points inbox"
          icon={<Inbox aria-hidden />}
          onSelect={go(paths.rejected(current.id))}
        >
          Rejected points
        </CommandItem>
        <CommandItem value="import CSV file" icon={<Upload aria-hidden />} onSelect={go(paths.imports(current.id))}>
          Import CSV
        </CommandItem>
        {team.role === 'viewer' ? null : (
          <CommandItem value="new dashboard" icon={<Plus aria-hidden />} onSelect={openNewDashboard}>
            New dashboard
          </CommandItem>
        )}
        <CommandItem value="Profile account" icon={<UserRound aria-hidden />} onSelect={go(paths.profile(current.id))}>
          Profile
        </CommandItem>
      </CommandGroup>
      <CommandGroup heading="Products">
        {products.map(({ product, teamName }) => (
          <CommandItem
            key={product.id}
            value={`product ${product.name} ${product.id}`}
            icon={<Box aria-hidden />}
            hint={teamName}
            onSelect={go(paths.product(product.id))}
          >
            {product.name}
          </CommandItem>
        ))}
        {team.role === 'viewer' ? null : (
          <CommandItem value="new product" icon={<Plus aria-hidden />} onSelect={go(paths.newProduct(team.id))}>
            New product
          </CommandItem>
        )}
      </CommandGroup>
    </CommandDialog>
  )
}

/** Products of all teams, and the dashboards of the current team's products; what cannot be read is left out. */
function useDestinations() {
  const trpc = useTRPC()
  const team = useTeam()
  const teams = useTeams()
  const lists = useQueries({ queries: teams.map((t) => trpc.product.list.queryOptions({ teamId: t.id })) })
  const products = teams.flatMap((t, index) =>
    (lists[index]?.data ?? []).map((product) => ({ product, teamName: teams.length > 1 ? t.name : undefined })),
  )
  const own = useQuery(trpc.product.list.queryOptions({ teamId: team.id })).data ?? []
  const boards = useQueries({ queries: own.map((p) => trpc.dashboard.list.queryOptions({ productId: p.id })) })
  const dashboards = own.flatMap((product, index) =>
    (boards[index]?.data ?? []).map(({ id, name }) => ({ id, name, product })),
  )
  return { products, dashboards }
}

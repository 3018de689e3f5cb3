import { useQueryClient } from '@tanstack/react-query'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@trackable/ui/dropdown-menu'
import { initials } from '@trackable/ui/person'
import { Check, ChevronsUpDown, Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useNavigate } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useTeam, useTeams } from './current'

// Its form and what checks it are not needed to show a menu.
const NewTeamDialog = lazy(() => import('./new-team-dialog'))

/** Names the team and changes to another. */
export function TeamMenu({ isSlim = false }: { isSlim?: boolean }) {
  const team = useTeam()
  const teams = useTeams()
  const openTeam = useOpenTeam()
  const [isCreating, setCreating] = useState(false)
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <button
            type="button"
            className="mb-2 flex h-9 flex-none items-center gap-2 rounded-control px-2 text-left font-semibold hover:bg-hover data-[state=open]:bg-hover touch:h-11"
          >
            <TeamBadge name={team.name} />
            <span className="sr-only">Team {isSlim ? team.name : ''}</span>
            {isSlim ? null : (
              <>
                <span className="min-w-0 flex-1 truncate">{team.name}</span>
                <ChevronsUpDown aria-hidden className="size-3.5 text-muted" />
              </>
            )}
          </button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="start" className="w-56">
          <DropdownMenuLabel>Teams</DropdownMenuLabel>
          {teams.map((t) => (
            <DropdownMenuItem
              key={t.id}
              icon={<TeamBadge name={t.name} />}
              onSelect={() => (t.id === team.id ? undefined : void openTeam(t.id))}
            >
              <span className="flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate">{t.name}</span>
                {t.id === team.id ? <Check aria-label="current" className="size-3.5" /> : null}
              </span>
            </DropdownMenuItem>
          ))}
          <DropdownMenuSeparator />
          <DropdownMenuItem icon={<Plus aria-hidden />} onSelect={() => setCreating(true)}>
            New team
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      {isCreating ? (
        <Suspense fallback={null}>
          <NewTeamDialog open onOpenChange={setCreating} />
        </Suspense>
      ) : null}
    </>
  )
}

function TeamBadge({ name }: { name: string }) {
  return (
    <span
      aria-hidden
      className="grid size-5.5 flex-none place-items-center rounded-[6px] bg-grey-10 font-semibold text-[10px] text-card tracking-[0.02em]"
    >
      {initials(name)}
    </span>
  )
}

/** Opens the first product of a team, or the form that makes one. */
function useOpenTeam() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return async (teamId: string) => {
    const products = await queryClient.ensureQueryData(trpc.product.list.queryOptions({ teamId }))
    const first = products[0]
    navigate(first ? paths.product(first.id) : paths.newProduct(teamId))
  }
}

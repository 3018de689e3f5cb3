import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { use } from 'react'
import { useLocation } from 'react-router'
import { NO_RAIL, RailContext } from './rail-context'

/**
 * Stands in for any page: a title and an empty card. Before the shell is here its rail is left free, so that nothing moves
 * when it comes; pages without a rail are too different from each other to be guessed.
 */
export function PageLoading() {
  const isInShell = use(RailContext) !== NO_RAIL
  const { pathname } = useLocation()
  const hasRail = pathname.startsWith('/p/') && !pathname.endsWith('/start')
  return (
    <SkeletonGroup label="Loading the page" className="flex min-h-dvh">
      {isInShell || !hasRail ? null : <div className="w-rail flex-none border-line border-r max-phone:hidden" />}
      {isInShell || hasRail ? <AnyPage /> : null}
    </SkeletonGroup>
  )
}

function AnyPage() {
  return (
    <div className="min-w-0 flex-1 animate-appear px-gutter">
      <div className="grid h-16 content-center gap-2.5">
        <Skeleton className="h-4 w-40" />
        <Skeleton className="h-2 w-56 max-phone:hidden" />
      </div>
      <CardLoading />
    </div>
  )
}

/** An empty card, where a page is there and a part of it is not. */
export function CardLoading() {
  return <div className="h-72 animate-appear rounded-card border border-line bg-card" />
}

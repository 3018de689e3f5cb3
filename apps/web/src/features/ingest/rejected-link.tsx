import { useQuery } from '@tanstack/react-query'
import { CountBadge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Inbox } from 'lucide-react'
import { Link } from 'react-router'
import { paths } from '../../paths'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

/** The way to the inbox, with how many wait there. Nobody needs it while nothing does. */
export function RejectedLink() {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const rejected = useQuery(trpc.ingest.countRejected.queryOptions({ productId }))
  const count = rejected.data?.count ?? 0
  if (count === 0) return null
  return (
    <Button asChild>
      <Link to={paths.rejected(productId)}>
        <Inbox aria-hidden />
        <span className="max-phone:sr-only">Rejected points</span>
        <CountBadge count={count} tone="warn" label={`${count} points were rejected`} />
      </Link>
    </Button>
  )
}

import { useQuery } from '@tanstack/react-query'
import type { ApiKey } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card } from '@trackable/ui/card'
import { EmptyState } from '@trackable/ui/empty-state'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Info, Plus } from 'lucide-react'
import { useState } from 'react'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useCanEdit, useProduct } from '../shell/current'
import { useTitle } from '../shell/use-title'
import { CreateKeyDialog } from './create-key-dialog'
import { KeysTable, RevokedKeysTable } from './keys-table'
import { RevokeKeyDialog } from './revoke-key-dialog'

/** The keys of a product: valid ones first, revoked ones below for the record. */
export default function KeysPage() {
  const product = useProduct()
  const canEdit = useCanEdit()
  const [isCreating, setCreating] = useState(false)
  useTitle('API keys', 'Settings', product.name)
  return (
    <div className="min-w-0">
      <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div>
          <h2 className="font-semibold text-16 leading-6 tracking-[-0.011em]">API keys of {product.name}</h2>
          <p className="text-13 text-muted">A key belongs to one product. Its scopes say what it may do.</p>
        </div>
        {canEdit ? (
          <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
            Create key
          </Button>
        ) : null}
      </div>
      <Keys onCreate={() => setCreating(true)} />
      <CreateKeyDialog open={isCreating} onOpenChange={setCreating} />
    </div>
  )
}

function Keys({ onCreate }: { onCreate: () => void }) {
  const trpc = useTRPC()
  const canEdit = useCanEdit()
  const { id: productId } = useProduct()
  const keys = useQuery(trpc.product.listKeys.queryOptions({ productId }))
  const [revoking, setRevoking] = useState<ApiKey | null>(null)
  if (!keys.data) {
    if (!keys.error) return <KeysLoading />
    const { message, requestId } = toProblem(keys.error)
    return (
      <Card>
        <InlineError
          title={`The keys could not be read. ${message}`}
          requestId={requestId}
          onRetry={() => void keys.refetch()}
          retrying={keys.isFetching}
        />
      </Card>
    )
  }
  const valid = keys.data.filter((key) => key.revokedAt === null)
  const revoked = keys.data.filter((key) => key.revokedAt !== null)
  return (
    <>
      {valid.length === 0 ? (
        <EmptyState
          title="No key is valid"
          action={
            canEdit ? (
              <Button variant="primary" onClick={onCreate}>
                Create key
              </Button>
            ) : null
          }
        >
          Without one, every request to this product is refused. A key is shown once, when it is made.
        </EmptyState>
      ) : (
        <>
          <Card flush>
            <KeysTable keys={valid} onRevoke={canEdit ? setRevoking : undefined} />
          </Card>
          <p className="mt-3 flex items-start gap-1.5 text-13 text-muted">
            <Info aria-hidden className="mt-0.5 size-[15px] flex-none" />
            To replace a key, create the new one first. Revoke works at once, everywhere.
          </p>
        </>
      )}
      {revoked.length > 0 ? (
        <section aria-label="Revoked keys" className="mt-8">
          <h2 className="mb-3 font-semibold text-16 leading-6 tracking-[-0.011em]">Revoked</h2>
          <Card flush>
            <RevokedKeysTable keys={revoked} />
          </Card>
        </section>
      ) : null}
      <RevokeKeyDialog apiKey={revoking} onClose={() => setRevoking(null)} />
    </>
  )
}

function KeysLoading() {
  return (
    <SkeletonGroup label="Loading keys" className="grid gap-px">
      {[1, 2, 3].map((n) => (
        <Skeleton key={n} className="h-14 rounded-control" />
      ))}
    </SkeletonGroup>
  )
}

import { useMutation } from '@tanstack/react-query'
import type { CreatedApiKey } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Button } from '@trackable/ui/button'
import { Card, CardHead } from '@trackable/ui/card'
import { Plus } from 'lucide-react'
import { FormProblem } from '../../form-problem'
import { useTRPC } from '../../trpc'
import { freshKeys } from './fresh-keys'
import { KeyField } from './key-field'

const KEY_NAME = 'Key of the first steps'

/** The key that the samples below carry; after a reload its text is gone and a new one can be made. */
export function FirstKeyCard({
  productId,
  apiKey,
  onCreate,
}: {
  productId: string
  apiKey: CreatedApiKey | undefined
  onCreate: (key: CreatedApiKey) => void
}) {
  const trpc = useTRPC()
  const create = useMutation(
    trpc.product.createKey.mutationOptions({
      onSuccess(key) {
        freshKeys.set(productId, key)
        onCreate(key)
      },
    }),
  )
  if (apiKey) {
    return (
      <Card aria-label="API key">
        <CardHead title="API key" badge={<Badge>ingest</Badge>}>
          <span className="text-12 text-muted max-phone:hidden">Named “{apiKey.name}”, no expiry</span>
        </CardHead>
        <KeyField text={apiKey.key} />
      </Card>
    )
  }
  return (
    <Card aria-label="API key">
      <CardHead title="API key" />
      <p className="mb-3 text-13 text-muted">
        A key is shown once, when it is made. Use one that you stored, or make another; both stay valid.
      </p>
      <Button
        icon={<Plus aria-hidden />}
        busy={create.isPending}
        onClick={() => create.mutate({ productId, name: KEY_NAME })}
      >
        Create a key
      </Button>
      <div className="mt-2 empty:hidden">
        <FormProblem error={create.error} />
      </div>
    </Card>
  )
}

import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ApiKey } from '@trackable/api/client'
import { ConfirmDialog } from '@trackable/ui/confirm-dialog'
import { toast } from '@trackable/ui/toast'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

/** Asks, because what sends with this key stops at once and nothing brings the key back. */
export function RevokeKeyDialog({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { id: productId } = useProduct()
  const revoke = useMutation(
    trpc.product.revokeKey.mutationOptions({
      async onSuccess(key) {
        await queryClient.invalidateQueries(trpc.product.listKeys.queryFilter({ productId }))
        onClose()
        toast(`${key.name} is revoked`)
      },
    }),
  )
  if (!apiKey) return null
  const close = (isOpen: boolean) => {
    if (isOpen) return
    revoke.reset()
    onClose()
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={close}
      title={`Revoke ${apiKey.name}?`}
      description={`Whatever sends with the key that ends in ${apiKey.hint} is refused from now on. This cannot be undone.`}
      confirmLabel="Revoke key"
      onConfirm={() => revoke.mutate({ productId, keyId: apiKey.id })}
      busy={revoke.isPending}
      error={revoke.error ? toProblem(revoke.error).message : undefined}
    />
  )
}

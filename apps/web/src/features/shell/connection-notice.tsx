import { CloudOff } from 'lucide-react'
import { useLiveState } from '../../live'

/** Says that the network is gone; what is on screen stays, and is read again when it is back. */
export function ConnectionNotice() {
  const state = useLiveState()
  if (state !== 'offline') return null
  return (
    <p role="status" className="flex items-center gap-2 bg-warn-tint px-gutter py-2 text-13 text-warn">
      <CloudOff aria-hidden className="size-4 flex-none" />
      You are offline. The numbers below are the last ones received; they refresh when the connection is back.
    </p>
  )
}

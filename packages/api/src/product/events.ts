import { z } from 'zod'
import type { Bus } from '../kernel/bus'

/** Says that what the gates remember of a key, or of a product's settings, is out of date. */
const KEYS = 'keys'

const KeysChanged = z.strictObject({ keyId: z.string().nullable(), productId: z.string().nullable() })
export type KeysChanged = z.infer<typeof KeysChanged>

export const publishKeysChanged = (bus: Bus, change: KeysChanged) => bus.publish(KEYS, JSON.stringify(change))

export const subscribeKeysChanged = (bus: Bus, handler: (change: KeysChanged) => void) =>
  bus.subscribe(KEYS, (text) => handler(KeysChanged.parse(JSON.parse(text))))

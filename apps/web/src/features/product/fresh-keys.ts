import type { CreatedApiKey } from '@trackable/api/client'

/**
 * Keys made in this tab, by product: their text is answered once and is needed again on the next page. In memory only;
 * the address, the history and the storage of the browser outlive the moment in which a key may be seen.
 */
const keys = new Map<string, CreatedApiKey>()

export const freshKeys = {
  get: (productId: string) => keys.get(productId),
  set: (productId: string, key: CreatedApiKey) => keys.set(productId, key),
}

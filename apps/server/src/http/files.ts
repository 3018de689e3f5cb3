import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/**
 * Finds a file or folder of the checkout from the bundle (apps/server/dist) as well as from the source
 * (apps/server/src/http). What the bundle carries itself comes first.
 */
export function findBeside(bundled: string, inCheckout: string): string {
  const candidates = [join(here, bundled), join(here, '../../..', inCheckout), join(here, '../../../..', inCheckout)]
  return candidates.find((path) => existsSync(path)) ?? join(here, bundled)
}

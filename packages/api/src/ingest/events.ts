import type { Bus } from '../kernel/bus'
import { IngestAttempt } from './schema'

export const attemptsTopic = (productPublicId: string) => `attempts.${productPublicId}`

/** What a program just tried with a key of the product, good or bad; for the page that waits for the first point. */
export const publishAttempt = (bus: Bus, productPublicId: string, attempt: IngestAttempt) =>
  bus.publish(attemptsTopic(productPublicId), JSON.stringify(attempt))

export const parseAttempt = (text: string): IngestAttempt => IngestAttempt.parse(JSON.parse(text))

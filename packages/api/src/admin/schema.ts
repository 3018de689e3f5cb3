import { z } from 'zod'
import { TeamId } from '../team/schema'

export const SeedDemo = z.strictObject({ teamId: TeamId })

/** Progress of the demo data: `fraction` from 0 to 1. */
export const DemoProgress = z.object({
  status: z.enum(['none', 'running', 'done', 'failed']),
  fraction: z.number(),
  detail: z.string().nullable(),
})
export type DemoProgress = z.infer<typeof DemoProgress>

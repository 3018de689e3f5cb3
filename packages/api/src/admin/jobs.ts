import { z } from 'zod'
import { createPointWriter } from '../ingest/service'
import { defineJob } from '../kernel/job'
import { teamScopeForOperator } from '../team/procedure'
import { seedDemo } from './service'

/** `userId` asked for it and was an admin of the team when they did. */
const SeedDemoPayload = z.strictObject({ teamId: z.string(), userId: z.string(), recipient: z.string() })

/** Repeatable: see seedDemo. A writer of its own, because jobs know nothing of the process's other parts. */
export const seedDemoJob = defineJob({
  name: 'demo.seed',
  payload: SeedDemoPayload,
  attempts: 3,
  run: async (ctx, { teamId, userId, recipient }) => {
    const writer = createPointWriter(ctx)
    try {
      await seedDemo(ctx, writer, teamScopeForOperator(userId, teamId), { recipient })
    } finally {
      await writer.close()
    }
  },
})

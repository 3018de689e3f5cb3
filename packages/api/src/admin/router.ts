import { getUser } from '../auth/service'
import { DomainError } from '../kernel/errors'
import { enqueue } from '../kernel/job'
import { router } from '../kernel/trpc'
import { teamAdminProcedure, teamProcedure } from '../team/procedure'
import { TeamRef } from '../team/schema'
import { seedDemoJob } from './jobs'
import { DemoProgress, SeedDemo } from './schema'
import { demoJobKey, getDemoProgress } from './service'

export const adminRouter = router({
  seedDemo: teamAdminProcedure
    .input(SeedDemo)
    .output(DemoProgress)
    .mutation(async ({ ctx }) => {
      const { teamId } = ctx.team
      const user = await getUser(ctx.db.prisma, ctx.user)
      if (!user) throw new DomainError('unauthenticated', 'Your account no longer exists.')
      await enqueue(
        ctx.db.prisma,
        seedDemoJob,
        { teamId, userId: user.id, recipient: user.email },
        { key: demoJobKey(teamId) },
      )
      return getDemoProgress(ctx, ctx.team)
    }),

  demoProgress: teamProcedure
    .input(TeamRef)
    .output(DemoProgress)
    .query(({ ctx }) => getDemoProgress(ctx, ctx.team)),
})

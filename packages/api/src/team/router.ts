import { z } from 'zod'
import { userProcedure } from '../auth/procedure'
import { Register, User } from '../auth/schema'
import { publicProcedure, router } from '../kernel/trpc'
import { listTeams } from './repository'
import { CreateTeam, Team } from './schema'
import { createTeam, registerOwner } from './service'

/** Appears as `auth.register` (see ../router.ts): for the caller it is a part of signing in. */
export const registerRouter = router({
  register: publicProcedure
    .input(Register)
    .output(User)
    .mutation(async ({ ctx, input }) => {
      const { user, token, endsAt } = await registerOwner(ctx, ctx, input)
      ctx.setSessionCookie(token, endsAt)
      return user
    }),
})

export const teamRouter = router({
  list: userProcedure.output(z.array(Team)).query(({ ctx }) => listTeams(ctx.db.prisma, ctx.user)),

  create: userProcedure
    .input(CreateTeam)
    .output(Team)
    .mutation(({ ctx, input }) => createTeam(ctx, ctx.user, input)),
})

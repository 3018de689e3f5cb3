import { z } from 'zod'
import { publicProcedure, router } from '../kernel/trpc'
import { userProcedure } from './procedure'
import { Login, SignInState, User } from './schema'
import { endSession, getSignInState, login } from './service'

/** `register` is in team/router.ts: a new account comes with a team, and this context may not know teams. */
export const authRouter = router({
  state: publicProcedure.output(SignInState).query(({ ctx }) => getSignInState(ctx, ctx.user)),

  login: publicProcedure
    .input(Login)
    .output(User)
    .mutation(async ({ ctx, input }) => {
      const { user, token, endsAt } = await login(ctx, ctx, input)
      ctx.setSessionCookie(token, endsAt)
      return user
    }),

  logout: userProcedure.output(z.object({ ok: z.literal(true) })).mutation(async ({ ctx }) => {
    await endSession(ctx, ctx.user)
    ctx.setSessionCookie(null, null)
    return { ok: true as const }
  }),
})

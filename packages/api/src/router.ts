import { authRouter } from './auth/router'
import { createCallerFactory, mergeRouters, router } from './kernel/trpc'
import { productRouter } from './product/router'
import { registerRouter, teamRouter } from './team/router'

/** Every procedure there is. A context adds one line here, and its rows to the access table in router.test.ts. */
export const appRouter = router({
  auth: mergeRouters(authRouter, registerRouter),
  team: teamRouter,
  product: productRouter,
})

export type AppRouter = typeof appRouter

export const createCaller = createCallerFactory(appRouter)

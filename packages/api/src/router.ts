import { adminRouter } from './admin/router'
import { authRouter } from './auth/router'
import { dashboardRouter } from './dashboard/router'
import { ingestRouter } from './ingest/router'
import { createCallerFactory, mergeRouters, router } from './kernel/trpc'
import { metricRouter } from './metric/router'
import { productRouter } from './product/router'
import { reportRouter } from './report/router'
import { registerRouter, teamRouter } from './team/router'

/** Every procedure there is. A context adds one line here, and its rows to the access table in router.test.ts. */
export const appRouter = router({
  auth: mergeRouters(authRouter, registerRouter),
  team: teamRouter,
  product: productRouter,
  metric: metricRouter,
  ingest: ingestRouter,
  dashboard: dashboardRouter,
  report: reportRouter,
  admin: adminRouter,
})

export type AppRouter = typeof appRouter

export const createCaller = createCallerFactory(appRouter)

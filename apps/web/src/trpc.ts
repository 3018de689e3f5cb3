import type { AppRouter } from '@trackable/api/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'

/** Typed queries, mutations and subscriptions for every page behind the sign-in. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()

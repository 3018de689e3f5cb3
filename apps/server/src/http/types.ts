import type { ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'

export interface AppEnv {
  Bindings: HttpBindings
}

export type AppContext = HonoContext<AppEnv>

/** The id that the edge has put on the answer before anything was routed. */
export const requestIdOf = ({ outgoing }: { outgoing: ServerResponse }) =>
  String(outgoing.getHeader('x-request-id') ?? '')

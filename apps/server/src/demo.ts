import {
  bootstrapWorkspace,
  type Context,
  DEMO_PRODUCTS,
  type PointWriter,
  seedDemo,
  teamScopeForOperator,
} from '@trackable/api'

export interface DemoAccount {
  email: string
  teamName: string
}

/** A name that can never get mail (RFC 2606); the weekly report of the demo stays in the outbox of a server without mail. */
export const DEMO_ACCOUNT: DemoAccount = { email: 'demo@example.org', teamName: 'Harbor & Pine' }
const OWNER_NAME = 'Demo owner'

export interface DemoSeeded {
  email: string
  /** Only for an account that was created just now. */
  password: string | null
}

/** An account, its team and a year of numbers, through the public services. May be repeated: it adds what is missing. */
export async function seedDemoTeam(
  ctx: Context,
  writer: PointWriter,
  account: DemoAccount,
  onProgress?: (fraction: number, detail: string) => void,
): Promise<DemoSeeded> {
  const [main] = DEMO_PRODUCTS
  const { userId, teamId, password } = await bootstrapWorkspace(ctx, {
    email: account.email,
    name: OWNER_NAME,
    teamName: account.teamName,
    productName: main.name,
    keyName: 'Demo',
    zone: main.zone,
  })
  await seedDemo(ctx, writer, teamScopeForOperator(userId, teamId), { recipient: account.email, onProgress })
  return { email: account.email, password }
}

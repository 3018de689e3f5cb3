import { bootstrapWorkspace, type Context, type PointWriter, seedDemo, teamScopeForOperator } from '@trackable/api'

export interface DemoAccount {
  email: string
  teamName: string
}

/** A name that can never get mail (RFC 2606); the weekly report of the demo stays in the outbox of a server without mail. */
export const DEMO_ACCOUNT: DemoAccount = { email: 'demo@example.org', teamName: 'Demo' }

/** The demo's largest product, which the demo data then fills. */
const PRODUCT_NAME = 'Quill'

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
  const { userId, teamId, password } = await bootstrapWorkspace(ctx, {
    email: account.email,
    teamName: account.teamName,
    productName: PRODUCT_NAME,
    keyName: 'Demo',
    zone: 'UTC',
  })
  await seedDemo(ctx, writer, teamScopeForOperator(userId, teamId), { recipient: account.email, onProgress })
  return { email: account.email, password }
}

import { z } from 'zod'
import { DisplayName } from '../auth/schema'
import { ROLES } from '../kernel/scope'

export const TeamId = z.string().max(64)
export const TeamRef = z.strictObject({ teamId: TeamId })

export const CreateTeam = z.strictObject({ name: DisplayName })
export type CreateTeam = z.infer<typeof CreateTeam>

export const Team = z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES) })
export type Team = z.infer<typeof Team>

/** Makes scopes. Only `procedure.ts` files may import this: they are the gates that have just checked the right. */
import type { ProductScope, TeamScope, UserScope } from './scope'

type Plain<T> = { [K in keyof T as K extends symbol ? never : K]: T[K] }

export const mintUserScope = (plain: Plain<UserScope>) => plain as UserScope
export const mintTeamScope = (plain: Plain<TeamScope>) => plain as TeamScope
export const mintProductScope = (plain: Plain<ProductScope>) => plain as ProductScope

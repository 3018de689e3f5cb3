import type { Product, Team, User } from '@trackable/api/client'
import { createContext, useContext } from 'react'

export const UserContext = createContext<User | null>(null)
export const ProductContext = createContext<{ product: Product; team: Team; teams: Team[] } | null>(null)

/** Whoever is signed in. Only below `SignedIn`. */
export function useUser(): User {
  const user = useContext(UserContext)
  if (!user) throw new Error('useUser outside SignedIn')
  return user
}

function useCurrent() {
  const current = useContext(ProductContext)
  if (!current) throw new Error('useProduct outside ProductGate')
  return current
}

/** The product of the address. Only below `ProductGate`. */
export function useProduct(): Product {
  return useCurrent().product
}

/** The team that the product of the address belongs to. */
export function useTeam(): Team {
  return useCurrent().team
}

export function useTeams(): Team[] {
  return useCurrent().teams
}

/** Viewers look; everybody else may also change. The server decides again. */
export function useCanEdit(): boolean {
  return useTeam().role !== 'viewer'
}

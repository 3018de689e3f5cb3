import { createContext } from 'react'

/** What pages and the rail ask of the shell. */
export const RailContext = createContext({
  openSheet: () => {},
  openPalette: () => {},
  openShortcuts: () => {},
  openNewDashboard: () => {},
  toggleRail: () => {},
})

import { createContext } from 'react'

/** Outside the shell nothing answers; a page that is loading there holds the rail's place. */
export const NO_RAIL = {
  openSheet: () => {},
  openPalette: () => {},
  openShortcuts: () => {},
  openNewDashboard: () => {},
  toggleRail: () => {},
}

/** What pages and the rail ask of the shell. */
export const RailContext = createContext(NO_RAIL)

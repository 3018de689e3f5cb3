import { Sheet, SheetContent } from '@trackable/ui/sheet'
import { Toaster } from '@trackable/ui/toast'
import { TooltipProvider } from '@trackable/ui/tooltip'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { Outlet, useLocation } from 'react-router'
import { ConnectionNotice } from './connection-notice'
import { Rail } from './rail'
import { RailContext } from './rail-context'
import { SlimRail } from './slim-rail'
import { useHotkey } from './use-hotkey'

// Nothing of these is needed before somebody asks for them.
const CommandPalette = lazy(() => import('./command-palette'))
const ShortcutsDialog = lazy(() => import('./shortcuts-dialog'))
const NewDashboardDialog = lazy(() => import('../dashboard/new-dashboard-dialog'))

const SLIM_KEY = 'trackable.rail'
type Layer = 'none' | 'sheet' | 'palette' | 'shortcuts' | 'new-dashboard'

/** The frame around every page of a product: rail, command palette, shortcuts, notices. */
export default function Shell() {
  const { pathname } = useLocation()
  const [layer, setLayer] = useState<Layer>('none')
  const [isSlim, toggleSlim] = useSlimRail()

  // Any layer belongs to the page it was opened on.
  useEffect(() => setLayer('none'), [pathname])
  useHotkey('mod+k', () => setLayer('palette'))
  useHotkey('?', () => setLayer('shortcuts'))
  useHotkey('[', toggleSlim)

  const rail = useMemo(
    () => ({
      openSheet: () => setLayer('sheet'),
      openPalette: () => setLayer('palette'),
      openShortcuts: () => setLayer('shortcuts'),
      openNewDashboard: () => setLayer('new-dashboard'),
      toggleRail: toggleSlim,
    }),
    [toggleSlim],
  )
  const bind = (name: Layer) => ({
    open: layer === name,
    onOpenChange: (isOpen: boolean) => setLayer(isOpen ? name : 'none'),
  })

  return (
    <RailContext value={rail}>
      <TooltipProvider>
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-raised focus:px-3 focus:py-2 focus:shadow-menu"
        >
          Skip to the content
        </a>
        <div className="flex min-h-dvh">
          <aside
            aria-label="Main"
            className="sticky top-0 h-dvh flex-none border-line border-r bg-page max-phone:hidden"
          >
            {isSlim ? <SlimRail /> : <Rail />}
          </aside>
          <div className="min-w-0 flex-1">
            <ConnectionNotice />
            <Outlet />
          </div>
        </div>
        <Sheet {...bind('sheet')}>
          <SheetContent title="Menu" hideTitle side="left" width={280} className="bg-page">
            <Rail isSheet />
          </SheetContent>
        </Sheet>
        <Suspense fallback={null}>
          {layer === 'palette' ? <CommandPalette {...bind('palette')} /> : null}
          {layer === 'shortcuts' ? <ShortcutsDialog {...bind('shortcuts')} /> : null}
          {layer === 'new-dashboard' ? <NewDashboardDialog {...bind('new-dashboard')} /> : null}
        </Suspense>
        <Toaster />
      </TooltipProvider>
    </RailContext>
  )
}

/** Whether the rail shows icons only; remembered by this browser. */
function useSlimRail(): [boolean, () => void] {
  const [isSlim, setSlim] = useState(() => {
    try {
      return localStorage.getItem(SLIM_KEY) === 'slim'
    } catch {
      return false // storage is blocked: the rail starts wide
    }
  })
  const toggle = useMemo(
    () => () =>
      setSlim((was) => {
        try {
          localStorage.setItem(SLIM_KEY, was ? 'wide' : 'slim')
        } catch {
          // storage is blocked: the choice lasts until the page is left
        }
        return !was
      }),
    [],
  )
  return [isSlim, toggle]
}

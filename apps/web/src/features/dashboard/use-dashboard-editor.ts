import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Dashboard, DashboardView, Widget } from '@trackable/api/client'
import { toast } from '@trackable/ui/toast'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Problem, toProblem } from '../../problem'
import { useTRPC } from '../../trpc'

/** What can be changed about a dashboard. */
export interface DashboardDraft {
  name: string
  widgets: Widget[]
  view: DashboardView
}

export interface DashboardEditor {
  draft: DashboardDraft
  isSaving: boolean
  /** Why the last change is not stored; the change itself stays on the page. */
  problem: Problem | null
  canUndo: boolean
  /** Shows the change at once and stores it. `label` is what the undo says: "Moved Revenue". */
  change: (next: Partial<DashboardDraft>, label: string) => void
  undo: () => void
  /** After a problem: store what the page shows, over whatever is there now. */
  saveAnyway: () => void
  /** After a problem: show what is stored. */
  discard: () => void
}

const UNDO_MAX = 50

interface Step {
  before: DashboardDraft
  label: string
}

/** What the page shows instead of what is stored, until the revision that holds it arrives. */
interface Local {
  draft: DashboardDraft
  savedAs: number | null
}

const draftOf = ({ name, widgets, view }: Dashboard): DashboardDraft => ({ name, widgets, view })

/**
 * Changes appear at once and are stored one after the other, each on the revision that the one before it left. A
 * conflict or a lost connection keeps the change on the page and says so.
 */
export function useDashboardEditor(dashboard: Dashboard): DashboardEditor {
  const trpc = useTRPC()
  const client = useQueryClient()
  const getOptions = trpc.dashboard.get.queryOptions({ dashboardId: dashboard.id })
  const [local, setLocal] = useState<Local | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  // The list itself is read when somebody undoes: a toast's "Undo" was made before its own change was in the list.
  const undoSteps = useRef<Step[]>([])
  const [undoCount, setUndoCount] = useState(0)
  const queue = useRef<{ isBusy: boolean; waiting: DashboardDraft | null; revision: number }>({
    isBusy: false,
    waiting: null,
    revision: dashboard.revision,
  })
  const update = useMutation(trpc.dashboard.update.mutationOptions())
  const { mutateAsync } = update
  // The answer to a save reaches the page a moment after the save is over; until then the old one must not flash up.
  const isStored = local === null || (local.savedAs !== null && dashboard.revision >= local.savedAs)
  const draft = isStored ? draftOf(dashboard) : local.draft

  const store = useCallback(
    async (next: DashboardDraft) => {
      const q = queue.current
      q.waiting = next
      if (q.isBusy) return
      q.isBusy = true
      let sending = next
      try {
        while (q.waiting) {
          sending = q.waiting
          q.waiting = null
          const saved = await mutateAsync({ dashboardId: dashboard.id, revision: q.revision, ...sending })
          q.revision = saved.revision
          // A reading that was on its way is older than what was just stored.
          await client.cancelQueries({ queryKey: getOptions.queryKey })
          client.setQueryData(getOptions.queryKey, saved)
          void client.invalidateQueries(trpc.dashboard.list.queryFilter({ productId: saved.productId }))
        }
        setLocal({ draft: sending, savedAs: q.revision })
        setProblem(null)
      } catch (error) {
        q.waiting = null
        setProblem(toProblem(error))
      } finally {
        q.isBusy = false
      }
    },
    [client, dashboard.id, getOptions.queryKey, mutateAsync, trpc],
  )

  const setUndo = (steps: Step[]) => {
    undoSteps.current = steps
    setUndoCount(steps.length)
  }
  useEffect(() => {
    const q = queue.current
    if (q.isBusy || !isStored || dashboard.revision <= q.revision) return
    // Another person's save: changes start from it now, and an undo would take it back unseen.
    q.revision = dashboard.revision
    undoSteps.current = []
    setUndoCount(0)
  }, [dashboard.revision, isStored])

  const apply = (next: DashboardDraft) => {
    setLocal({ draft: next, savedAs: null })
    void store(next)
  }
  const undo = () => {
    const last = undoSteps.current.at(-1)
    if (!last) return
    setUndo(undoSteps.current.slice(0, -1))
    apply(last.before)
    toast(`Undone: ${last.label}`)
  }
  /** The stored dashboard as it is now; null after saying why it cannot be had. */
  const readStored = async () => {
    try {
      const stored = await client.fetchQuery({ ...getOptions, staleTime: 0 })
      queue.current.revision = stored.revision
      return stored
    } catch (error) {
      setProblem(toProblem(error))
      return null
    }
  }

  return {
    draft,
    isSaving: update.isPending,
    problem,
    canUndo: undoCount > 0,
    change: (next, label) => {
      setUndo([...undoSteps.current.slice(1 - UNDO_MAX), { before: draft, label }])
      apply({ ...draft, ...next })
    },
    undo,
    saveAnyway: async () => {
      if (await readStored()) await store(draft)
    },
    discard: async () => {
      if (!(await readStored())) return
      setProblem(null)
      setLocal(null)
      setUndo([])
    },
  }
}

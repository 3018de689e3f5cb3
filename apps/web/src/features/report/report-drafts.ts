import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import type { RouterInputs } from '@trackable/api/client'
import { useSyncExternalStore } from 'react'

/** What the form holds while it is typed in. */
export type ReportDraft = RouterInputs['report']['create']

/**
 * Changes that nobody saved yet, by report: another report or another page may be opened and the typing is still there on
 * the way back. In memory, beside the query cache, so that signing out takes them along.
 */
interface Drafts {
  values: ReadonlyMap<string, ReportDraft>
  listeners: Set<() => void>
}

const draftsOf = new WeakMap<QueryClient, Drafts>()

function open(client: QueryClient): Drafts {
  const drafts = draftsOf.get(client) ?? { values: new Map(), listeners: new Set() }
  draftsOf.set(client, drafts)
  return drafts
}

/** Where the changes of a report that does not exist yet are kept. */
export const newDraftId = (productId: string) => `new ${productId}`

export interface ReportDrafts {
  /** Whether something is kept under this id. Draws again when that changes. */
  has: (id: string) => boolean
  get: (id: string) => ReportDraft | undefined
  /** Null forgets. */
  keep: (id: string, values: ReportDraft | null) => void
}

export function useReportDrafts(): ReportDrafts {
  const drafts = open(useQueryClient())
  // The names change seldom; what is typed under them would draw the page again with every key.
  const names = useSyncExternalStore(
    (listener) => {
      drafts.listeners.add(listener)
      return () => drafts.listeners.delete(listener)
    },
    () => [...drafts.values.keys()].join('\n'),
  )
  return {
    has: (id) => names.split('\n').includes(id),
    get: (id) => drafts.values.get(id),
    keep: (id, values) => {
      if (!values && !drafts.values.has(id)) return
      const next = new Map(drafts.values)
      if (values) next.set(id, values)
      else next.delete(id)
      drafts.values = next
      for (const listener of drafts.listeners) listener()
    },
  }
}

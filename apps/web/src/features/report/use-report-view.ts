import { useParams, useSearchParams } from 'react-router'

const LAYERS = ['preview', 'send', 'delete', 'outbox'] as const
/** What lies over the page. */
export type ReportLayer = (typeof LAYERS)[number] | null

/** What the address says about the reports page: which report, a new one instead, which layer, which mail of the outbox. */
export function useReportView() {
  const { reportId } = useParams()
  const [search, setSearch] = useSearchParams()
  const set = (changes: Record<string, string | null>, replace = false) => {
    const next = new URLSearchParams(search)
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) next.delete(key)
      else next.set(key, value)
    }
    setSearch(next, { replace })
  }
  return {
    reportId,
    isNew: search.get('new') === 'on',
    layer: LAYERS.find((layer) => layer === search.get('open')) ?? null,
    mailId: search.get('mail'),
    openLayer: (layer: ReportLayer) => set({ open: layer, mail: null }),
    openMail: (mailId: string | null) => set({ mail: mailId }, true),
    setNew: (isNew: boolean) => set({ new: isNew ? 'on' : null }),
  }
}

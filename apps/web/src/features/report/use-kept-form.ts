import { useEffect, useRef } from 'react'
import type { UseFormReturn } from 'react-hook-form'
import { type ReportDraft, useReportDrafts } from './report-drafts'
import type { ReportValues } from './report-form'

const FIELDS = ['name', 'dashboardId', 'schedule', 'recipients'] as const

/** Puts what was typed before back into the form, and keeps what is typed now until it is saved or discarded. */
export function useKeptForm(
  form: UseFormReturn<ReportDraft, unknown, ReportValues>,
  id: string,
): { forget: () => void } {
  const drafts = useReportDrafts()
  const isFirst = useRef(true)
  // What was given up stays dirty until the form is gone or reset; it must not be kept once more on its way.
  const isForgotten = useRef(false)
  const { isDirty } = form.formState
  const values = form.watch()
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false
      const kept = drafts.get(id)
      if (kept) for (const field of FIELDS) form.setValue(field, kept[field], { shouldDirty: true })
      return
    }
    if (!isDirty) isForgotten.current = false
    drafts.keep(id, isDirty && !isForgotten.current ? values : null)
  })
  // A closed tab takes the memory along, so the browser asks first.
  useEffect(() => {
    if (!isDirty) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isDirty])
  const forget = () => {
    isForgotten.current = true
    drafts.keep(id, null)
  }
  return { forget }
}

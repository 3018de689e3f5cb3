import { IconButton } from '@trackable/ui/icon-button'
import { ChevronLeft, ChevronRight } from 'lucide-react'

/** As many as the server answers at once; its schema is not worth loading for a number. */
const PAGE_ROWS = 50

/** Which part of a long list is in sight; nothing for a short one. */
export function CataloguePages({
  page,
  total,
  onPage,
}: {
  page: number
  total: number
  onPage: (page: number) => void
}) {
  const last = Math.max(0, Math.ceil(total / PAGE_ROWS) - 1)
  if (last === 0) return null
  const from = page * PAGE_ROWS + 1
  return (
    <nav aria-label="Parts of the list" className="mt-3 flex items-center justify-end gap-1 text-13 text-muted">
      <span className="mr-2 tabular-nums">
        {from.toLocaleString()} to {Math.min(total, from + PAGE_ROWS - 1).toLocaleString()} of {total.toLocaleString()}
      </span>
      <IconButton label="Previous part" variant="line" disabled={page === 0} onClick={() => onPage(page - 1)}>
        <ChevronLeft aria-hidden />
      </IconButton>
      <IconButton label="Next part" variant="line" disabled={page >= last} onClick={() => onPage(page + 1)}>
        <ChevronRight aria-hidden />
      </IconButton>
    </nav>
  )
}

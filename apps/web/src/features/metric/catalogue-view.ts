import type { CatalogueSort, MetricKind } from '@trackable/api/client'

/** What the catalogue's address carries. */
export interface CatalogueView {
  find: string
  kind: MetricKind | null
  isLate: boolean
  isHidden: boolean
  sort: CatalogueSort
  isDescending: boolean
  page: number
}

const KINDS: Record<MetricKind, true> = { count: true, gauge: true, distribution: true, ratio: true }
const SORTS: Record<CatalogueSort, true> = { name: true, lastPoint: true, series: true }

/** A damaged address shows the whole catalogue. */
export function readCatalogueView(search: URLSearchParams): CatalogueView {
  const kind = search.get('kind')
  const sort = search.get('sort')
  const page = Number(search.get('page') ?? 1)
  return {
    find: (search.get('find') ?? '').slice(0, 200),
    kind: kind !== null && Object.hasOwn(KINDS, kind) ? (kind as MetricKind) : null,
    isLate: search.has('late'),
    isHidden: search.has('hidden'),
    sort: sort !== null && Object.hasOwn(SORTS, sort) ? (sort as CatalogueSort) : 'name',
    isDescending: search.has('desc'),
    page: Number.isInteger(page) && page > 1 ? page - 1 : 0,
  }
}

/** Whatever is filtered or sorted anew is read from its first page. */
export function writeCatalogueView(view: CatalogueView): URLSearchParams {
  const search = new URLSearchParams()
  if (view.find !== '') search.set('find', view.find)
  if (view.kind) search.set('kind', view.kind)
  if (view.isLate) search.set('late', '')
  if (view.isHidden) search.set('hidden', '')
  if (view.sort !== 'name') search.set('sort', view.sort)
  if (view.isDescending) search.set('desc', '')
  if (view.page > 0) search.set('page', String(view.page + 1))
  return search
}

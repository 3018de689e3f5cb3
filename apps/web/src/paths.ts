/**
 * Every address of the web app. No other file writes a URL by hand: `patterns` feeds the route tree, `paths` builds links.
 */
export const patterns = {
  home: '/',
  login: '/login',
  register: '/register',
  setup: '/setup',
  newProduct: '/new',
  product: '/p/:productId',
  start: '/p/:productId/start',
  dashboard: '/p/:productId/d/:dashboardId',
  metrics: '/p/:productId/metrics',
  metric: '/p/:productId/metrics/:metric',
  rejected: '/p/:productId/rejected',
  imports: '/p/:productId/import',
  import: '/p/:productId/import/:importId',
  reports: '/p/:productId/reports',
  report: '/p/:productId/reports/:reportId',
  settings: '/p/:productId/settings',
  keys: '/p/:productId/settings/keys',
  profile: '/p/:productId/settings/profile',
} as const

const id = encodeURIComponent

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value)
  return search.size === 0 ? path : `${path}?${search}`
}

export const paths = {
  home: () => patterns.home,
  login: (next?: string) => withQuery(patterns.login, { next }),
  register: (next?: string) => withQuery(patterns.register, { next }),
  newProduct: (teamId?: string) => withQuery(patterns.newProduct, { team: teamId }),
  product: (productId: string) => `/p/${id(productId)}`,
  start: (productId: string) => `/p/${id(productId)}/start`,
  dashboard: (productId: string, dashboardId: string) => `/p/${id(productId)}/d/${id(dashboardId)}`,
  metrics: (productId: string) => `/p/${id(productId)}/metrics`,
  metric: (productId: string, metric: string) => `/p/${id(productId)}/metrics/${id(metric)}`,
  rejected: (productId: string) => `/p/${id(productId)}/rejected`,
  imports: (productId: string) => `/p/${id(productId)}/import`,
  import: (productId: string, importId: string) => `/p/${id(productId)}/import/${id(importId)}`,
  reports: (productId: string) => `/p/${id(productId)}/reports`,
  report: (productId: string, reportId: string) => `/p/${id(productId)}/reports/${id(reportId)}`,
  settings: (productId: string) => `/p/${id(productId)}/settings`,
  keys: (productId: string) => `/p/${id(productId)}/settings/keys`,
  profile: (productId: string) => `/p/${id(productId)}/settings/profile`,
  /** Pages of the server beside the app: the mail of a report as it would go out now, and a mail of the outbox. */
  reportPreview: (reportId: string) => `/preview/reports/${id(reportId)}`,
  outboxPreview: (mailId: string) => `/preview/outbox/${id(mailId)}`,
  apiDocs: () => '/api/docs',
  ingest: () => '/api/v1/ingest',
}

/**
 * Where to go after signing in. Anything that would leave this origin, or that a browser could read as doing so, becomes
 * the home page: `//host`, `/\host`, `https:host`, `javascript:` and paths that normalise to two slashes.
 */
export function safeNext(next: string | null | undefined, origin: string): string {
  if (!next?.startsWith('/') || /[\\\p{Cc}]/u.test(next)) return patterns.home
  try {
    const url = new URL(next, origin)
    if (url.origin !== origin || url.pathname.startsWith('//')) return patterns.home
    return url.pathname + url.search + url.hash
  } catch {
    return patterns.home // not an address at all
  }
}

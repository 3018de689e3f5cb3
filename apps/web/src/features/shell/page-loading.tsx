import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'

/** Stands in for any page: a title row and a few cards. */
export function PageLoading() {
  return (
    <SkeletonGroup label="Loading the page" className="px-gutter">
      <div className="flex h-16 items-center">
        <Skeleton className="h-6 w-44" />
      </div>
      <div className="grid grid-cols-4 gap-4 max-phone:grid-cols-2">
        {[1, 2, 3, 4].map((n) => (
          <Skeleton key={n} className="h-28 rounded-card" />
        ))}
      </div>
      <Skeleton className="mt-4 h-72 rounded-card" />
    </SkeletonGroup>
  )
}

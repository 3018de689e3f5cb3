import { useQuery } from '@tanstack/react-query'
import type { MetricDetail, MetricTag } from '@trackable/api/client'
import { Card, CardHead } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Table, TableBody, TableHead, TableRow, Td, Th } from '@trackable/ui/table'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

const VALUES_SHOWN = 6

/** The tags that a metric's series carry: how many values each has, and which. */
export function MetricTags({ detail }: { detail: MetricDetail }) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const tags = useQuery(trpc.metric.tags.queryOptions({ productId, metric: detail.name }))
  return (
    <Card flush aria-label="Tags">
      <CardHead pad title="Tags" sub={`in ${detail.seriesCount.toLocaleString()} series`} />
      {tags.data ? (
        tags.data.length === 0 ? (
          <p className="px-4 pb-4 text-13 text-muted">
            Its points carry no tags. Add some to split its charts by them.
          </p>
        ) : (
          <TagTable tags={tags.data} />
        )
      ) : tags.error ? (
        <div className="px-4 pb-4">
          <InlineError
            title={`The tags could not be read. ${toProblem(tags.error).message}`}
            requestId={toProblem(tags.error).requestId}
            onRetry={() => void tags.refetch()}
            retrying={tags.isFetching}
          />
        </div>
      ) : (
        <SkeletonGroup label="Loading tags" className="grid gap-2 px-4 pb-4">
          <Skeleton className="h-8" />
          <Skeleton className="h-8" />
        </SkeletonGroup>
      )}
    </Card>
  )
}

function TagTable({ tags }: { tags: MetricTag[] }) {
  return (
    <Table inset label="Tags" className="[&_td]:h-9">
      <TableHead>
        <tr>
          <Th>Tag</Th>
          <Th>Values</Th>
          <Th numeric>Count</Th>
        </tr>
      </TableHead>
      <TableBody>
        {tags.map(({ tag, values, valueCount }) => (
          <TableRow key={tag}>
            <Td className="max-w-50 truncate">
              <code>{tag}</code>
            </Td>
            <Td className="w-full max-w-0 truncate text-soft" title={values.join(', ')}>
              {values.slice(0, VALUES_SHOWN).map(nameValue).join(', ')}
              {valueCount > VALUES_SHOWN ? (
                <span className="text-muted"> and {(valueCount - VALUES_SHOWN).toLocaleString()} more</span>
              ) : null}
            </Td>
            <Td numeric className="font-medium">
              {valueCount.toLocaleString()}
            </Td>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  )
}

const nameValue = (value: string) => (value === '' ? '(empty)' : value)

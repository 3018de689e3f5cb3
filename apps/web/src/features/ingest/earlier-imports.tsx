import { useQuery } from '@tanstack/react-query'
import type { ImportRun } from '@trackable/api/client'
import { Badge } from '@trackable/ui/badge'
import { Card } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { Table, TableBody, TableHead, TableRow, Td, Th, TwoLine } from '@trackable/ui/table'
import { Link } from 'react-router'
import { formatBytes } from '../../bytes'
import { paths } from '../../paths'
import { Age, useNow } from '../../time'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'

/** What was imported before, and what waits to be gone on with. Checks alone are not listed. */
export function EarlierImports() {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const now = useNow()
  const imports = useQuery(trpc.ingest.listImports.queryOptions({ productId }))
  const runs = (imports.data ?? []).filter((run) => !run.isDryRun)
  if (imports.error && !imports.data)
    return (
      <Card className="mt-6">
        <InlineError
          compact
          title="Earlier imports could not be read."
          onRetry={() => void imports.refetch()}
          retrying={imports.isFetching}
        />
      </Card>
    )
  if (runs.length === 0) return null
  return (
    <section aria-label="Earlier imports" className="mt-8">
      <h2 className="mb-3 font-semibold text-16 leading-6 tracking-[-0.011em]">Earlier imports</h2>
      <Card flush>
        <Table density="two-line" inset label="Earlier imports">
          <TableHead>
            <tr>
              <Th>File</Th>
              <Th>State</Th>
              <Th numeric>New points</Th>
              <Th numeric className="max-phone:hidden">
                Already there
              </Th>
              <Th numeric className="max-phone:hidden">
                Refused
              </Th>
              <Th className="max-phone:hidden">Begun</Th>
            </tr>
          </TableHead>
          <TableBody>
            {runs.map((run) => (
              <TableRow key={run.id}>
                <Td className="max-w-80 max-phone:max-w-40">
                  <Link to={paths.import(productId, run.id)} className="block hover:underline">
                    <TwoLine detail={formatBytes(run.fileBytes)} className="[&>span]:truncate">
                      {run.fileName}
                    </TwoLine>
                  </Link>
                </Td>
                <Td>
                  <State run={run} />
                </Td>
                <Td numeric className="font-medium">
                  {run.accepted.toLocaleString()}
                </Td>
                <Td numeric className="max-phone:hidden">
                  {run.duplicates.toLocaleString()}
                </Td>
                <Td numeric className="max-phone:hidden">
                  {run.rejected.toLocaleString()}
                </Td>
                <Td className="text-muted tabular-nums max-phone:hidden">
                  <Age at={run.createdAt} now={now} />
                </Td>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Card>
    </section>
  )
}

function State({ run }: { run: ImportRun }) {
  if (run.status === 'done') return <Badge tone="good">done</Badge>
  if (run.status === 'canceled') return <Badge>stopped</Badge>
  return <Badge tone="accent">{Math.floor((run.bytesDone / Math.max(1, run.fileBytes)) * 100)}% done</Badge>
}

import { useQuery } from '@tanstack/react-query'
import type { ImportRun } from '@trackable/api/client'
import { Button } from '@trackable/ui/button'
import { Card, CardHead } from '@trackable/ui/card'
import { InlineError } from '@trackable/ui/inline-error'
import { Skeleton, SkeletonGroup } from '@trackable/ui/skeleton'
import { Table, TableBody, TableHead, TableRow, Td, Th } from '@trackable/ui/table'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { toProblem } from '../../problem'
import { useTRPC } from '../../trpc'
import { useProduct } from '../shell/current'
import { toErrorsCsv } from './errors-csv'

const ROWS_SHOWN = 20

/** What a file could not give, by line. The list is complete up to a thousand, and can be taken along as a file. */
export function ImportErrors({ run }: { run: ImportRun }) {
  const trpc = useTRPC()
  const { id: productId } = useProduct()
  const [isAll, setAll] = useState(false)
  const full = useQuery(
    trpc.ingest.getImport.queryOptions({ productId, importId: run.id }, { enabled: run.rejected > 0, staleTime: 0 }),
  )
  if (run.rejected === 0) return null
  const errors = full.data?.errors
  const rest = run.rejected - (errors?.length ?? 0)
  return (
    <Card flush aria-label="Refused lines">
      <CardHead
        pad
        title="Refused"
        sub={`${run.rejected.toLocaleString()} ${run.rejected === 1 ? 'fault' : 'faults'}, by line`}
      >
        {errors ? (
          <Button size={28} icon={<Download aria-hidden />} onClick={() => download(run.fileName, toErrorsCsv(errors))}>
            Download the list
          </Button>
        ) : null}
      </CardHead>
      {errors ? (
        <>
          <Table density="dense" inset label="Refused lines">
            <TableHead>
              <tr>
                <Th numeric className="w-16">
                  Line
                </Th>
                <Th numeric className="w-16">
                  Column
                </Th>
                <Th>Why</Th>
              </tr>
            </TableHead>
            <TableBody>
              {errors.slice(0, isAll ? errors.length : ROWS_SHOWN).map((error, index) => (
                // One line may have the same fault in several columns: a place is all that tells them apart.
                <TableRow key={index}>
                  <Td numeric>{error.line.toLocaleString()}</Td>
                  <Td numeric className="text-muted">
                    {error.column ?? '–'}
                  </Td>
                  <Td className="whitespace-normal py-1.5">{error.detail}</Td>
                </TableRow>
              ))}
            </TableBody>
          </Table>
          {(!isAll && errors.length > ROWS_SHOWN) || rest > 0 ? (
            <p className="flex items-center gap-3 px-4 py-3 text-12 text-muted">
              {!isAll && errors.length > ROWS_SHOWN ? (
                <Button size={28} onClick={() => setAll(true)}>
                  Show all {errors.length.toLocaleString()}
                </Button>
              ) : null}
              {rest > 0 ? `${rest.toLocaleString()} more are counted and not listed.` : null}
            </p>
          ) : null}
        </>
      ) : full.error ? (
        <div className="px-4 pb-4">
          <InlineError
            title={`The faults could not be read. ${toProblem(full.error).message}`}
            requestId={toProblem(full.error).requestId}
            onRetry={() => void full.refetch()}
            retrying={full.isFetching}
          />
        </div>
      ) : (
        <SkeletonGroup label="Loading the faults" className="grid gap-2 px-4 pb-4">
          <Skeleton className="h-6" />
          <Skeleton className="h-6" />
        </SkeletonGroup>
      )}
    </Card>
  )
}

function download(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${fileName.replace(/\.[^.]*$/, '')}-refused.csv`
  link.click()
  URL.revokeObjectURL(url)
}

import { Button } from '@trackable/ui/button'
import { EmptyState } from '@trackable/ui/empty-state'
import { Plus } from 'lucide-react'
import { Link } from 'react-router'
import { paths } from '../../paths'

export interface ReportsEmptyProps {
  productId: string
  hasDashboard: boolean
  /** Absent for viewers. */
  onNew: (() => void) | undefined
}

/** What a report is, and the one thing that is missing for the first. */
export function ReportsEmpty({ productId, hasDashboard, onNew }: ReportsEmptyProps) {
  if (!hasDashboard) {
    return (
      <EmptyState
        layout="center"
        title="Reports begin with a dashboard"
        action={
          onNew ? (
            <Button asChild variant="primary">
              <Link to={paths.product(productId)}>Set up a dashboard</Link>
            </Button>
          ) : null
        }
      >
        A report mails a dashboard with its charts on a schedule. This product has no dashboard yet.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      layout="center"
      title="No reports yet"
      action={
        onNew ? (
          <Button variant="primary" icon={<Plus aria-hidden />} onClick={onNew}>
            New report
          </Button>
        ) : null
      }
    >
      A report mails a dashboard, charts included, every day, week or month: with the last complete period and how it
      compares with the one before. Whoever gets it needs no account.
    </EmptyState>
  )
}

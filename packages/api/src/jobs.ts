import { seedDemoJob } from './admin/jobs'
import { deleteExpiredTick } from './auth/jobs'
import { deleteExpiredIngestTick, deleteReceiptsTick, deleteStreamsTick } from './ingest/jobs'
import type { AnyJob, Tick } from './kernel/job'
import { auditRollupsJob, auditTick, deletePointsJob, sealDaysJob, storageTick } from './metric/jobs'
import { reportTick, sendReportJob } from './report/jobs'

/** What graphile-worker runs: once, by whichever replica takes it. A context adds its jobs here. */
export const jobs: readonly AnyJob[] = [sendReportJob, seedDemoJob, sealDaysJob, deletePointsJob, auditRollupsJob]

/** What the clock starts, in every replica. A context adds its ticks here. */
export const ticks: readonly Tick[] = [
  deleteExpiredTick,
  deleteExpiredIngestTick,
  deleteReceiptsTick,
  deleteStreamsTick,
  reportTick,
  storageTick,
  auditTick,
]

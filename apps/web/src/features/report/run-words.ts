import type { Delivery, Report, ReportRun } from '@trackable/api/client'

export type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'accent'
interface Words {
  tone: Tone
  text: string
}

type RunStatus = ReportRun['status']

const RUN: Record<RunStatus, Words> = {
  pending: { tone: 'accent', text: 'Waiting to be sent' },
  sending: { tone: 'accent', text: 'Sending' },
  sent: { tone: 'good', text: 'Sent' },
  partial: { tone: 'warn', text: 'Partly sent' },
  failed: { tone: 'bad', text: 'Not sent' },
}

/** With `isKept`, mails that went no further than the outbox of this server: nobody got them. */
export const runWords = (status: RunStatus, isKept = false): Words => (isKept && status === 'sent' ? KEPT : RUN[status])

const KEPT: Words = { tone: 'neutral', text: 'Kept in outbox' }
/** How the outbox answers in place of a mail server. */
const KEPT_ANSWER = /^Kept in the outbox\b/

type Outcome = Pick<Delivery, 'status' | 'attempts' | 'answer'>
const isKept = ({ status, answer }: Outcome) => status === 'sent' && KEPT_ANSWER.test(answer ?? '')

export const isKeptRun = (deliveries: readonly Outcome[]): boolean => deliveries.length > 0 && deliveries.every(isKept)

/** A delivery that was tried and is still waiting is worth another word than one that nobody has tried. */
export function deliveryWords(delivery: Outcome): Words {
  const { status, attempts } = delivery
  if (isKept(delivery)) return KEPT
  if (status === 'sent') return { tone: 'good', text: 'Sent' }
  if (status === 'failed') return { tone: 'bad', text: 'Refused' }
  return attempts > 0 ? { tone: 'warn', text: 'Will be tried again' } : { tone: 'neutral', text: 'Waiting' }
}

export const TRIGGERS: Record<ReportRun['trigger'], string> = {
  scheduled: 'by schedule',
  manual: 'sent by hand',
  test: 'test',
}

/** True until a run has ended one way or the other. */
export const isUnderWay = (run: Pick<ReportRun, 'status'> | null | undefined): boolean =>
  run?.status === 'pending' || run?.status === 'sending'

/** A run moves within seconds, and no longer than somebody watches. */
const WATCH_MS = 1_000
/** A due run starts within this time; later it is no news that a reader waits for. */
const DUE_WITHIN_MS = 10 * 60_000

/** How soon the list of reports is worth another look: soon while a run is under way or about to start, else not. */
export function watchInterval(reports: readonly Report[] | undefined, now: number): number | false {
  if (!reports) return false
  if (reports.some(({ lastRun }) => isUnderWay(lastRun))) return WATCH_MS
  const untilDue = reports.flatMap(({ nextRunAt }) => (nextRunAt ? [nextRunAt.getTime() - now] : []))
  const next = Math.min(...untilDue)
  return next <= DUE_WITHIN_MS ? Math.max(WATCH_MS, next) : false
}

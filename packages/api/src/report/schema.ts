import { z } from 'zod'
import { DisplayName, EmailAddress } from '../auth/schema'
import { DashboardId } from '../dashboard/schema'
import { ProductId, Weekday, Zone } from '../product/schema'

export const RECIPIENTS_MAX = 50

const at = { hour: z.int().min(0).max(23), minute: z.int().min(0).max(59).default(0), zone: Zone }

/** When a report runs. It always covers the last complete day, week or month before the run. */
export const ReportSchedule = z.discriminatedUnion('frequency', [
  z.strictObject({ frequency: z.literal('daily'), ...at }),
  z.strictObject({ frequency: z.literal('weekly'), weekday: Weekday, ...at }),
  /** A day that the month does not have means its last day. */
  z.strictObject({ frequency: z.literal('monthly'), day: z.int().min(1).max(31), ...at }),
])
export type ReportSchedule = z.infer<typeof ReportSchedule>

export const ReportRef = z.strictObject({ reportId: z.string().max(64) })

const Recipients = z
  .array(EmailAddress)
  .min(1, 'Enter at least one recipient.')
  .max(RECIPIENTS_MAX)
  .transform((list) => [...new Set(list)])

export const CreateReport = z.strictObject({
  productId: ProductId,
  dashboardId: DashboardId,
  name: DisplayName,
  schedule: ReportSchedule,
  recipients: Recipients,
})
export type CreateReport = z.infer<typeof CreateReport>

export const UpdateReport = z.strictObject({
  reportId: z.string().max(64),
  dashboardId: DashboardId.optional(),
  name: DisplayName.optional(),
  schedule: ReportSchedule.optional(),
  recipients: Recipients.optional(),
  isPaused: z.boolean().optional(),
})
export type UpdateReport = z.infer<typeof UpdateReport>

/** A coming run and the period that it will cover, `[from, to)`. */
export const PlannedRun = z.object({ runAt: z.date(), periodFrom: z.date(), periodTo: z.date() })
export type PlannedRun = z.infer<typeof PlannedRun>

export const RUN_STATUSES = ['pending', 'sending', 'sent', 'partial', 'failed'] as const
export const RunStatus = z.enum(RUN_STATUSES)

export const Delivery = z.object({
  id: z.string(),
  recipient: z.string(),
  status: z.enum(['pending', 'sent', 'failed']),
  attempts: z.number(),
  answer: z.string().nullable(),
  lastAttemptAt: z.date().nullable(),
  sentAt: z.date().nullable(),
})
export type Delivery = z.infer<typeof Delivery>

export const ReportRun = z.object({
  id: z.string(),
  trigger: z.enum(['scheduled', 'manual', 'test']),
  status: RunStatus,
  periodFrom: z.date(),
  periodTo: z.date(),
  asOf: z.date().nullable(),
  error: z.string().nullable(),
  createdAt: z.date(),
  deliveries: z.array(Delivery),
})
export type ReportRun = z.infer<typeof ReportRun>

export const Report = z.object({
  id: z.string(),
  productId: z.string(),
  dashboardId: z.string(),
  dashboardName: z.string(),
  name: z.string(),
  schedule: ReportSchedule,
  recipients: z.array(z.string()),
  isPaused: z.boolean(),
  nextRunAt: z.date().nullable(),
  lastRun: ReportRun.omit({ deliveries: true }).nullable(),
})
export type Report = z.infer<typeof Report>

export const PreviewSchedule = z.strictObject({ productId: ProductId, schedule: ReportSchedule })

/** How mails leave this server: shown beside the reports, so that nobody waits for a mail that cannot come. */
export const MailSettings = z.object({ provider: z.enum(['smtp', 'resend', 'outbox']), from: z.string() })
export type MailSettings = z.infer<typeof MailSettings>

export const OutboxMail = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  createdAt: z.date(),
})
export type OutboxMail = z.infer<typeof OutboxMail>

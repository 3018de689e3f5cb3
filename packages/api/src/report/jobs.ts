import { defineTick } from '../kernel/job'
import { dispatchDueReports } from './dispatch'

export { sendReportJob } from './dispatch'

/** Each minute, because schedules have minutes. */
export const reportTick = defineTick({
  name: 'report.tick',
  cron: '0 * * * * *',
  run: (ctx) => dispatchDueReports(ctx),
})

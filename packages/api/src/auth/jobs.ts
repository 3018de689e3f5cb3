import { defineTick } from '../kernel/job'
import { deleteExpired } from './service'

/** Hourly, at a minute that nothing else uses. Deleting twice at the same time is harmless. */
export const deleteExpiredTick = defineTick({ name: 'auth.delete_expired', cron: '0 17 * * * *', run: deleteExpired })

/** The database: client and pools, migrations, the durability check. Points live in `./points`, the embedded server in `./embedded`. */
export { isDatabaseAway } from './away'
export {
  type Database,
  type Db,
  type OpenDatabaseOptions,
  openDatabase,
  type Pool,
  type PoolClient,
  type PoolSizes,
  type Pools,
  type Queryable,
  type Tx,
} from './client'
export { assertDurable } from './durability'
export type {
  ApiKey,
  Dashboard,
  Delivery,
  Membership,
  Metric,
  OutboxAttachment,
  OutboxMail,
  Product,
  Report,
  ReportRun,
  Series,
  Session,
  SetupToken,
  Team,
  User,
} from './generated/client'
export { DeliveryStatus, Prisma, ReportRunStatus, ReportTrigger, Role } from './generated/client'
export { type Migration, MigrationError, migrate, migrationsDir, readMigrations } from './migrate'

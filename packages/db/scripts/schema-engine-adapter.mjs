// How Prisma's WebAssembly schema engine reaches Postgres: a driver adapter over one `pg` connection.
import { randomUUID } from 'node:crypto'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils'
import pg from 'pg'

const text = (value) => value
const toBoolean = (value) => value === 't'
const toUtc = (value) => new Date(`${value.replace(' ', 'T').replace(/[+-]\d{2}(:\d{2})?$/, '')}Z`).toISOString()

/** By type oid: what the engine calls the type, and how the server's text becomes the value it expects. */
const SCALARS = new Map([
  [16, [ColumnTypeEnum.Boolean, toBoolean]],
  [17, [ColumnTypeEnum.Bytes, (value) => Buffer.from(value.slice(2), 'hex')]],
  [18, [ColumnTypeEnum.Character, text]],
  [20, [ColumnTypeEnum.Int64, text]],
  [21, [ColumnTypeEnum.Int32, Number]],
  [23, [ColumnTypeEnum.Int32, Number]],
  [26, [ColumnTypeEnum.Int64, text]],
  [114, [ColumnTypeEnum.Json, text]],
  [700, [ColumnTypeEnum.Float, Number]],
  [701, [ColumnTypeEnum.Double, Number]],
  [1114, [ColumnTypeEnum.DateTime, toUtc]],
  [1184, [ColumnTypeEnum.DateTime, toUtc]],
  [1700, [ColumnTypeEnum.Numeric, text]],
  [2950, [ColumnTypeEnum.Uuid, text]],
  [3802, [ColumnTypeEnum.Json, text]],
])
const ARRAYS = new Map([
  [1000, [ColumnTypeEnum.BooleanArray, toBoolean]],
  [1002, [ColumnTypeEnum.CharacterArray, text]],
  [1003, [ColumnTypeEnum.TextArray, text]],
  [1005, [ColumnTypeEnum.Int32Array, Number]],
  [1007, [ColumnTypeEnum.Int32Array, Number]],
  [1009, [ColumnTypeEnum.TextArray, text]],
  [1015, [ColumnTypeEnum.TextArray, text]],
  [1016, [ColumnTypeEnum.Int64Array, text]],
  [1021, [ColumnTypeEnum.FloatArray, Number]],
  [1022, [ColumnTypeEnum.DoubleArray, Number]],
  [1028, [ColumnTypeEnum.Int64Array, text]],
])

function columnType(oid) {
  const [type] = SCALARS.get(oid) ?? ARRAYS.get(oid) ?? [ColumnTypeEnum.Text]
  return type
}

const types = {
  getTypeParser(oid) {
    const [, parse] = SCALARS.get(oid) ?? []
    if (parse) return parse
    const [, parseElement] = ARRAYS.get(oid) ?? []
    return parseElement ? (value) => pg.types.arrayParser.create(value, parseElement).parse() : text
  },
}

/** The engine tells its errors apart by `kind`; a database that does not exist, for instance, it then creates. */
function toDriverError(error) {
  if (!error.code) return error
  if (!/^[0-9A-Z]{5}$/.test(error.code)) {
    return new DriverAdapterError({ kind: 'DatabaseNotReachable', host: error.address, port: error.port })
  }
  const cause = { originalCode: error.code, originalMessage: error.message }
  const db = error.message.match(/database "(.*?)"/)?.[1]
  if (error.code === '3D000') return new DriverAdapterError({ ...cause, kind: 'DatabaseDoesNotExist', db })
  if (error.code === '42P04') return new DriverAdapterError({ ...cause, kind: 'DatabaseAlreadyExists', db })
  if (error.code === '28P01') {
    const user = error.message.match(/user "(.*?)"/)?.[1]
    return new DriverAdapterError({ ...cause, kind: 'AuthenticationFailed', user })
  }
  const { code, severity = 'ERROR', message, detail, column, hint } = error
  return new DriverAdapterError({ ...cause, kind: 'postgres', code, severity, message, detail, column, hint })
}

async function translated(work) {
  try {
    return await work()
  } catch (error) {
    throw toDriverError(error)
  }
}

class Connection {
  provider = 'postgres'
  adapterName = 'trackable-schema-engine'
  options = { usePhantomQuery: false }

  constructor(client, schema, afterwards) {
    this.client = client
    this.schema = schema
    this.afterwards = afterwards
  }

  #run({ sql, args = [] }) {
    return translated(() => this.client.query({ text: sql, values: args, rowMode: 'array', types }))
  }

  async queryRaw(query) {
    const { fields, rows } = await this.#run(query)
    return {
      columnNames: fields.map((field) => field.name),
      columnTypes: fields.map((field) => columnType(field.dataTypeID)),
      rows,
    }
  }

  async executeRaw(query) {
    return (await this.#run(query)).rowCount ?? 0
  }

  /** A whole file in one message of the simple protocol, as the native engine sends it. */
  async executeScript(script) {
    await translated(() => this.client.query(script))
  }

  /** The engine sends COMMIT and ROLLBACK itself, as statements. */
  async startTransaction(isolation) {
    await this.executeRaw({ sql: 'BEGIN' })
    if (isolation) await this.executeRaw({ sql: `SET TRANSACTION ISOLATION LEVEL ${isolation}` })
    return this
  }

  async commit() {}

  async rollback() {}

  getConnectionInfo() {
    return { schemaName: this.schema, supportsRelationJoins: true }
  }

  async dispose() {
    await this.client.end()
    await this.afterwards?.()
  }
}

const schemaOf = (url) => new URL(url).searchParams.get('schema') ?? 'public'

/** A connection as the engine expects it: in its schema and in UTC. `database` overrides the one of the URL. */
export async function open(url, database) {
  if (!url) throw new Error('DATABASE_URL is not set')
  const target = new URL(url)
  if (database) target.pathname = `/${encodeURIComponent(database)}`
  const client = new pg.Client({ connectionString: target.href, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {}) // Whoever waits for an answer hears of it.
  await client.connect()
  await client.query(`SET search_path TO ${client.escapeIdentifier(schemaOf(url))}; SET TimeZone TO 'UTC'`)
  return client
}

export async function createDatabase(url) {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  const client = await open(url, 'postgres')
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  return name
}

export function createAdapterFactory({ url, shadowDatabaseUrl }) {
  const connect = (target, database, afterwards) =>
    translated(async () => new Connection(await open(target, database), schemaOf(target), afterwards))

  /** A scratch database, in which the engine replays the migrations to see what they make. */
  async function connectToShadowDb() {
    if (shadowDatabaseUrl) return connect(shadowDatabaseUrl)
    const name = `prisma_migrate_shadow_db_${randomUUID()}`
    const admin = await connect(url)
    await admin.executeScript(`CREATE DATABASE "${name}" TEMPLATE template0`)
    return connect(url, name, async () => {
      await admin.executeScript(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      await admin.dispose()
    })
  }

  return bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: 'trackable-schema-engine',
    connect: () => connect(url),
    connectToShadowDb,
  })
}

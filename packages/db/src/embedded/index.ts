import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Account, chooseAccount } from './account'
import { type Binaries, findBinaries } from './binaries'
import { findRunning, type Layout, prepareCluster } from './cluster'
import { enter, type Launched, launch, leave, readLogTail, watch } from './supervisor'

/** For tools that run a server of their own, and harm it on purpose. */
export { chooseAccount, findBinaries }

export interface EmbeddedOptions {
  /** Created when missing. */
  database?: string
  log?: (message: string) => void
  /** Server settings on top of ours; those of whoever starts the server count. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  url: string
  /** False when another process had already started this cluster. */
  started: boolean
  /** Gives up this process's use of the cluster; its last user shuts it down. */
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 60_000
/** A look at a file and at a process. */
const CHECK_MS = 500
/** A server that has just been killed may still have processes ending; a port may be taken between asking and binding. */
const TRANSIENT = /pre-existing shared memory block|lock file "postmaster\.pid"|could not bind/

/**
 * Runs a real PostgreSQL from the npm binaries in `dir`, for when there is no DATABASE_URL. Several processes may call
 * it at once on the same directory: one starts the server, the others join it. It survives being started by root, a
 * checkout or data directory that only root may enter, blocked install scripts, kill -9 of its parent or of itself, and
 * a stale postmaster.pid.
 */
export async function startEmbeddedPostgres(dir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined)
  const database = options.database ?? 'trackable'
  const account = await chooseAccount()
  const binaries = await findBinaries(account)
  const cluster = await prepareCluster(dir, binaries, account, log)
  const file = await enter(cluster)
  try {
    const start = (at?: number) => startOrJoin(binaries, cluster, account, { ...options.settings, ...portOf(at) })
    const { port, started } = await start()
    const url = `postgresql://postgres:${cluster.password}@127.0.0.1:${port}/${database}`
    await createDatabase(url, database)
    watch(cluster, file)
    const release = keepRunning(cluster, () => start(port), log)
    const stop = async () => {
      await release()
      await leave(cluster, file)
    }
    return { url, started, stop }
  } catch (error) {
    await leave(cluster, file)
    throw error
  }
}

const portOf = (port: number | undefined): Record<string, string> => (port === undefined ? {} : { port: String(port) })

/**
 * A server that ended by itself (killed by the kernel when memory was short, or by hand) is started again on its port,
 * where the pools look for it (CR-02). Of several processes one starts it and the others join. Returns what ends this.
 */
function keepRunning(cluster: Layout, start: () => Promise<Running>, log: (message: string) => void) {
  let checking: Promise<void> = Promise.resolve()
  let isChecking = false
  const check = async () => {
    if (await findRunning(cluster.data)) return
    const { started } = await start()
    if (started) log('PostgreSQL had ended by itself and was started again')
  }
  const timer = setInterval(() => {
    if (isChecking) return
    isChecking = true
    checking = check()
      .catch((error: unknown) => log(`PostgreSQL ended and cannot be started again: ${String(error)}`))
      .finally(() => {
        isChecking = false
      })
  }, CHECK_MS).unref()
  return () => {
    clearInterval(timer)
    return checking
  }
}

interface Running {
  pid: number
  port: number
  started: boolean
}

async function startOrJoin(
  binaries: Binaries,
  cluster: Layout & { password: string },
  account: Account,
  settings: Record<string, string>,
): Promise<Running> {
  const deadline = performance.now() + START_TIMEOUT_MS
  let launched: Launched | null = null
  while (performance.now() < deadline) {
    const running = await findRunning(cluster.data)
    if (running && (await isAnswering(running.port, cluster.password))) {
      return { ...running, started: launched?.child.pid === running.pid }
    }
    if (!running && !launched) launched = await launch(binaries.postgres, cluster, account, settings)
    if (launched && (await hasExited(launched))) {
      // Either another process was faster, whose server the next round finds, or there is a reason in the log.
      const reason = await readLogTail(cluster)
      if (!(await findRunning(cluster.data)) && !TRANSIENT.test(reason)) {
        throw new Error(`The embedded PostgreSQL did not start:\n${reason}`)
      }
      launched = null
      await sleep(100)
    }
  }
  throw new Error(`The embedded PostgreSQL does not answer:\n${await readLogTail(cluster)}`)
}

function hasExited(launched: Launched): Promise<boolean> {
  return Promise.race([launched.exited.then(() => true), sleep(25, false)])
}

async function isAnswering(port: number, password: string): Promise<boolean> {
  const client = connect(`postgresql://postgres:${password}@127.0.0.1:${port}/postgres`)
  try {
    await client.connect()
    return true
  } catch (error) {
    // Starting, recovering or stopping (57P03), or not listening yet.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === '57P03' || code === 'ECONNREFUSED' || code === 'ECONNRESET') return sleep(25, false)
    throw error
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function createDatabase(url: string, database: string): Promise<void> {
  const admin = new URL(url)
  admin.pathname = '/postgres'
  const client = connect(admin.href)
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database])
    if (rowCount) return
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`).catch((error) => {
      if (error.code !== '42P04' && error.code !== '23505') throw error // Else another process was faster.
    })
  } finally {
    await client.end()
  }
}

function connect(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2000,
    application_name: 'trackable-start',
  })
  client.on('error', () => undefined) // Reported by the call that waits; without a listener it would end the process.
  return client
}

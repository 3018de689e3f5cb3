import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chown, link, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type Account, isReachable } from './account'
import { type Binaries, exists, ownedByRoot, unlessExists } from './binaries'

/** Where a cluster keeps its things. */
export interface Layout {
  dir: string
  /** PGDATA, named after the major version: `pg18`. */
  data: string
  log: string
  /** One file for each process that uses the cluster; its name starts with the process's id. */
  users: string
  /** One file for each process that is about to shut the cluster down. */
  leaving: string
}

/** Chooses the directory, makes the cluster when there is none, and returns its password. */
export async function prepareCluster(
  wanted: string,
  binaries: Binaries,
  account: Account,
  log: (message: string) => void,
): Promise<Layout & { password: string }> {
  const dir = await chooseDirectory(resolve(wanted), account, log)
  const layout: Layout = {
    dir,
    data: join(dir, `pg${binaries.major}`),
    log: join(dir, 'postgres.log'),
    users: join(dir, 'users'),
    leaving: join(dir, 'leaving'),
  }
  await refuseOtherMajor(layout, binaries.major)
  await mkdir(layout.users, { recursive: true })
  await mkdir(layout.leaving, { recursive: true })
  const password = await readPassword(dir)
  await initialise(layout, binaries, password, account)
  return { ...layout, password }
}

/**
 * As root the server runs as somebody else, who cannot enter a private directory (/root, a mkdtemp). The data then
 * lives in a public place whose name is derived from the wanted one, so that the next start finds it again.
 */
async function chooseDirectory(wanted: string, account: Account, log: (message: string) => void): Promise<string> {
  await mkdir(wanted, { recursive: true, mode: 0o755 })
  if (account.uid === undefined || (await isReachable(wanted))) return wanted
  const name = `${basename(wanted)}-${createHash('sha256').update(wanted).digest('hex').slice(0, 8)}`
  for (const root of ['/var/lib/trackable', '/var/tmp/trackable']) {
    const dir = join(root, name)
    const isMade = await mkdir(dir, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false, // A read-only /var/lib is no failure as long as the next place can be written to.
    )
    if (!isMade || !(await isReachable(dir))) continue
    await ownedByRoot(dir)
    log(`${wanted} is inside a private directory that PostgreSQL cannot enter; its data is kept in ${dir}`)
    return dir
  }
  throw new Error(
    `${wanted} is inside a private directory that PostgreSQL cannot enter when started by root. Choose another data directory.`,
  )
}

async function refuseOtherMajor(layout: Layout, major: number): Promise<void> {
  if (await exists(layout.data)) return
  const other = (await readdir(layout.dir)).find((name) => /^pg\d+$/.test(name))
  if (!other) return
  throw new Error(
    `${layout.dir} holds data of PostgreSQL ${other.slice(2)}, and this version brings PostgreSQL ${major}. Make a backup with the old version and restore it with this one.`,
  )
}

/** Written by whoever comes first, read by all. Only this machine's own user may read it. */
async function readPassword(dir: string): Promise<string> {
  const file = join(dir, 'password')
  if (!(await exists(file))) {
    const fresh = `${file}.${process.pid}.${randomBytes(3).toString('hex')}`
    await writeFile(fresh, randomBytes(18).toString('base64url'), { mode: 0o600 })
    // A link appears with its content, where a second process could read a file that is still empty.
    await link(fresh, file).catch(unlessExists)
    await rm(fresh)
  }
  return readFile(file, 'utf8')
}

/** Initialised aside and renamed when complete: a process killed in the middle leaves no half cluster behind. */
async function initialise(layout: Layout, binaries: Binaries, password: string, account: Account): Promise<void> {
  if (await exists(join(layout.data, 'PG_VERSION'))) return
  const unfinished = join(layout.dir, `init-${process.pid}-${randomBytes(3).toString('hex')}`)
  const passwordFile = `${unfinished}.password`
  await mkdir(unfinished, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [unfinished, passwordFile]) await chown(path, account.uid, account.gid)
  }
  const options = ['-U', 'postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions']
  try {
    await run(binaries.initdb, ['-D', unfinished, `--pwfile=${passwordFile}`, ...options], layout.dir, account)
    await rename(unfinished, layout.data).catch(async (error) => {
      if (!(await exists(join(layout.data, 'PG_VERSION')))) throw error // Else another process was faster.
    })
  } finally {
    await rm(passwordFile, { force: true })
    await rm(unfinished, { recursive: true, force: true })
  }
}

function run(command: string, args: string[], cwd: string, account: Account): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, ...account, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ended with ${code}:\n${output}`))
    })
  })
}

/** The server that runs on this data directory now, read from its postmaster.pid. */
export async function findRunning(data: string): Promise<{ pid: number; port: number } | null> {
  const file = join(data, 'postmaster.pid')
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!pid || !isAlive(pid)) return null // PostgreSQL clears up after a dead one itself, and knows better whether it may.
  if (await isServerOf(pid, data)) return port ? { pid, port } : null
  // The id belongs to an unrelated process by now (a container gives out the same ones again); PostgreSQL would refuse.
  await rm(file, { force: true })
  return null
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether the process is a PostgreSQL on this directory. A zombie is none. */
export async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  if (!/^Name:\s+postgres$/m.test(status) || /^State:\s+Z/m.test(status)) return false
  const cwd = await realpath(`/proc/${pid}/cwd`).catch(() => null)
  return cwd === null || cwd === (await realpath(data).catch(() => data))
}

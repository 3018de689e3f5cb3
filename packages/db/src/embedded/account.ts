import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Who runs the server; empty means this process's own user. */
export interface Account {
  uid?: number
  gid?: number
}

/** PostgreSQL refuses to run as root, so that root needs an account to hand it to. */
export async function chooseAccount(): Promise<Account> {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return {}
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as. Set DATABASE_URL.',
  )
}

/** Whether every other user may pass through to `path`: each directory above it needs the x bit for others. */
export async function isReachable(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null)
    if (found && (found.mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

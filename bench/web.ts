/** P12 and P14: what a browser has to load before the login page, and how long the process takes to serve it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rssOf } from './cpu'
import { type BenchServer, ROOT } from './server'
import type { Row } from './table'

const DIST = join(ROOT, 'apps/web/dist')

/** The scripts that index.html names, and everything they import statically, each compressed by itself. */
export function measureInitialScript(): Row | null {
  const index = join(DIST, 'index.html')
  if (!existsSync(index)) return null
  const seen = new Set<string>()
  const queue = [...readFileSync(index, 'utf8').matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(
    (match) => match[1] as string,
  )
  let bytes = 0
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const source = readFileSync(join(DIST, file), 'utf8')
    bytes += gzipSync(source, { level: 9 }).byteLength
    for (const [, name] of source.matchAll(
      /(?:^|[;}\s])(?:import|export)\s*(?:[\w${},*\s]+?from\s*)?["']\.\/([^"']+\.js)["']/g,
    )) {
      queue.push(`assets/${name}`)
    }
  }
  return {
    id: 'P12',
    work: 'web: JavaScript before the login page, gzip',
    figure: `${(bytes / 1000).toFixed(1)} kB in ${seen.size} files`,
    target: '≤ 130 kB',
    note: `${readdirSync(join(DIST, 'assets')).filter((name) => name.endsWith('.js')).length} scripts were built in all`,
  }
}

export function measureStart(server: BenchServer): Row {
  return {
    id: 'P14',
    work: 'start with empty data to the first page; resident memory when idle',
    figure: `${(server.firstPageMs / 1000).toFixed(1)} s, ${Math.round(rssOf(server.pid) / 1e6)} MB`,
    target: '≤ 5 s, ≤ 200 MB',
    note: 'the cluster is created by this start',
  }
}

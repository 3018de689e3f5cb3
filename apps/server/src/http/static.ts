/**
 * The built pages. The folder is listed once and answered from memory: an address is looked up in a table and never
 * joined to a path, so that no spelling of `..` can leave it (WH-12).
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { AppContext } from './types'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}
const COMPRESSIBLE = /\.(html|js|css|json|svg|txt|webmanifest)$/
/** Below one packet nothing is won. */
const COMPRESS_BYTES_MIN = 1024
/** 9 of 11: a tenth of the time of 11 for 3 % more bytes, because it happens once per file while somebody waits. */
const BROTLI_QUALITY = 9
/** Vite puts a hash of the content into the names in this folder. */
const HASHED = /^\/assets\//
const ONE_YEAR = 'public, max-age=31536000, immutable'
/** A build that appears while the server runs is noticed, but the disk is not asked by every request. */
const RELOAD_MS = 1000

type Encoding = 'br' | 'gzip'

interface WebFile {
  body: Buffer<ArrayBuffer>
  type: string
  etag: string
  cacheControl: string
  encoded: Partial<Record<Encoding, Promise<Buffer<ArrayBuffer>>>>
  isCompressible: boolean
}

export interface WebFiles {
  /** The file at an address, or undefined. `/` is index.html. */
  respond(c: AppContext, path: string): Promise<Response | undefined>
}

export function createWebFiles(dir: string): WebFiles {
  let files: Map<string, WebFile> | undefined
  let builtAt = 0
  let checkedAt = Number.NEGATIVE_INFINITY

  const load = async () => {
    if (files && performance.now() - checkedAt < RELOAD_MS) return files
    checkedAt = performance.now()
    const changedAt = await stat(join(dir, 'index.html')).then(
      (s) => s.mtimeMs,
      () => 0, // not built yet, which `respond` says
    )
    if (!files || changedAt !== builtAt) {
      files = changedAt ? await readFolder(dir) : new Map()
      builtAt = changedAt
    }
    return files
  }

  return {
    async respond(c, path) {
      const file = (await load()).get(path === '/' ? '/index.html' : path)
      return file && (await answer(c, file))
    },
  }
}

async function readFolder(dir: string): Promise<Map<string, WebFile>> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true })
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name))
  const files = await Promise.all(
    paths
      // What only the build needs: manifest of the bundler and source maps.
      .filter((path) => !/\.(map|br|gz)$/.test(path) && !path.includes(`${join(dir, '.vite')}`))
      .map(async (path): Promise<[string, WebFile]> => {
        const address = `/${path
          .slice(dir.length)
          .replace(/^[/\\]+/, '')
          .replaceAll('\\', '/')}`
        return [address, toWebFile(address, await readFile(path))]
      }),
  )
  return new Map(files)
}

function toWebFile(address: string, body: Buffer<ArrayBuffer>): WebFile {
  const type = TYPES[extname(address)] ?? 'application/octet-stream'
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return {
    body,
    type,
    etag,
    cacheControl: HASHED.test(address) ? ONE_YEAR : 'no-cache',
    encoded: {},
    isCompressible: body.length >= COMPRESS_BYTES_MIN && COMPRESSIBLE.test(address),
  }
}

const compress: Record<Encoding, (body: Buffer<ArrayBuffer>) => Promise<Buffer<ArrayBuffer>>> = {
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (body) => promisify(gzip)(body, { level: 9 }),
}

async function answer(c: AppContext, file: WebFile): Promise<Response> {
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': file.cacheControl,
    etag: file.etag,
    ...(file.isCompressible ? { vary: 'accept-encoding' } : {}),
  }
  if (c.req.header('if-none-match')?.includes(file.etag)) return c.body(null, 304, headers)
  const accepts = c.req.header('accept-encoding') ?? ''
  const encoding: Encoding | undefined = /\bbr\b/.test(accepts) ? 'br' : /\bgzip\b/.test(accepts) ? 'gzip' : undefined
  if (!file.isCompressible || !encoding) return c.body(file.body, 200, headers)
  file.encoded[encoding] ??= compress[encoding](file.body)
  return c.body(await file.encoded[encoding], 200, { ...headers, 'content-encoding': encoding })
}

/** A person navigating, as opposed to a script or an <img> asking for a file that is gone. */
export function isNavigation(c: AppContext): boolean {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return false
  return (c.req.header('accept') ?? '').includes('text/html')
}

export const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Trackable</title>
<h1>The pages are not built yet</h1>
<p>The server runs and takes points, but <code>apps/web/dist</code> is empty.
Run <code>pnpm build</code>, or <code>pnpm start</code>, which does it first. This page then works without a restart.</p>
</html>
`

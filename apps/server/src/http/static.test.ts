import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStartingApp } from '../app'
import { createEdge, type Edge } from '../edge'
import { createLogTo } from '../log'
import { raw } from '../testing/server'

const SCRIPT = `export const text = "${'a'.repeat(5000)}"`
const HTML = { accept: 'text/html,application/xhtml+xml' }
const dir = mkdtempSync(join(tmpdir(), 'trackable-web-'))
const web = join(dir, 'dist')
let edge: Edge
let base: string
let port: number

beforeAll(async () => {
  writeFileSync(join(dir, 'secret.txt'), 'outside')
  const log = createLogTo('silent', { write: () => undefined })
  const app = createStartingApp({ publicUrl: 'http://localhost', webDir: web, log })
  edge = createEdge({
    publicUrlOf: () => 'http://localhost',
    log,
    fetch: (request, bindings) => app.fetch(request, bindings),
    isQuiet: () => true,
    bodyBytesMax: 1,
  })
  port = await edge.listen(0, '127.0.0.1')
  base = `http://127.0.0.1:${port}`
})
afterAll(() => {
  edge.server.closeAllConnections()
  edge.server.close()
  rmSync(dir, { recursive: true })
})

test('before the pages are built a page says so, and after the build they appear without a restart', async () => {
  const before = await fetch(base, { headers: HTML })
  expect(before.status).toBe(503)
  expect(await before.text()).toContain('pnpm build')
  mkdirSync(join(web, 'assets'), { recursive: true })
  mkdirSync(join(web, '.vite'))
  writeFileSync(join(web, 'assets/app-Ab12.js'), SCRIPT)
  writeFileSync(join(web, 'assets/app-Ab12.js.map'), '{}')
  writeFileSync(join(web, '.vite/manifest.json'), '{}')
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>App</title>')
  await expect.poll(async () => (await fetch(base, { headers: HTML })).status, { timeout: 3000 }).toBe(200)
})

test('a file with a hash in its name is kept for ever, and travels compressed', async () => {
  const { text } = await raw(
    port,
    'GET /assets/app-Ab12.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n',
  )
  const [head = '', body = ''] = text.split('\r\n\r\n')
  expect(head).toMatch(/cache-control: public, max-age=31536000, immutable/)
  expect(head).toMatch(/content-encoding: br/)
  expect(head).toMatch(/content-type: text\/javascript/)
  expect(body.length).toBeLessThan(500)
  expect(brotliDecompressSync(Buffer.from(body, 'latin1')).toString()).toBe(SCRIPT)
})

test('the page itself is asked for again each time, and answered with 304 while it is the same', async () => {
  const first = await fetch(base, { headers: HTML })
  expect(first.headers.get('cache-control')).toBe('no-cache')
  const etag = first.headers.get('etag') ?? ''
  expect((await fetch(base, { headers: { ...HTML, 'if-none-match': etag } })).status).toBe(304)
})

test('every address of the application is the page, for a person who navigates', async () => {
  const response = await fetch(`${base}/p/prd_1/d/dsh_1?from=2026`, { headers: HTML })
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('<title>App</title>')
})

test.each(['/assets/gone-Cd34.js', '/p/prd_1'])(
  '%s asked for by a script is a 404 and never the page',
  async (path) => {
    expect((await fetch(base + path, { headers: { accept: '*/*' } })).status).toBe(404)
  },
)

test.each(['/api/nothing', '/trpc/a.b.c/d', '/docs/nothing'])(
  '%s is never the page, also for a person',
  async (path) => {
    const response = await fetch(base + path, { headers: HTML })
    expect([404, 503]).toContain(response.status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  },
)

test.each([
  '/assets/app-Ab12.js.map',
  '/.vite/manifest.json',
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
])('WH-12, WH-13: %s is not served', async (path) => {
  const { text } = await raw(port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  expect(text).toMatch(/^HTTP\/1\.1 404 /)
})

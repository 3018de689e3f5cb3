import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * Bundles the worker from source the way the build does, for development and tests: Node's loaders do not reach worker
 * threads alike on all supported versions, and so the tests run what production runs. Takes about 0.3 s.
 */
export function bundleWorker(): URL {
  // Not an import: esbuild is absent in production, where the bundle already lies beside the server.
  const require = createRequire(import.meta.url)
  const esbuild: typeof import('esbuild') = require('esbuild')
  const built = esbuild.buildSync({
    entryPoints: [fileURLToPath(new URL('./render-worker.tsx', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['jsdom', '@resvg/resvg-js'],
    // Packages that are CommonJS inside call `require`, which an ES module does not have.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  })
  const code = built.outputFiles[0]?.text ?? ''
  // Below this package, where the external packages resolve. The name is the content, so processes never disagree.
  const folder = new URL('../../node_modules/.cache/trackable/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const target = new URL(`render-worker-${createHash('sha256').update(code).digest('hex').slice(0, 16)}.mjs`, folder)
  const draft = new URL(`${target.href}.${process.pid}`)
  writeFileSync(draft, code)
  renameSync(draft, target)
  return pathToFileURL(fileURLToPath(target))
}

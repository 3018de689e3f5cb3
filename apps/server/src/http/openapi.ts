/** The document of the HTTP API, made from the schemas that the server validates with, and the page that shows it. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DomainError } from '@trackable/api'
import { type Env, Hono } from 'hono'
import { type GenerateSpecOptions, generateSpecs } from 'hono-openapi'
import { findBeside } from './files'
import { contentSecurityPolicy } from './security'
import type { AppEnv } from './types'

const ASSETS: Record<string, string> = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
}

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>HTTP API · Trackable</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/init.js"></script></body></html>
`
const INIT = `window.SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#api', deepLinking: true, tryItOutEnabled: true })\n`

/** Where the package's files are: in the bundle they were copied beside it. */
function assetsDir(): string {
  const bundled = findBeside('swagger-ui', 'apps/server/dist/swagger-ui')
  return existsSync(bundled) ? bundled : dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
}

export function createOpenApiRoutes<E extends Env>(api: Hono<E>, publicUrl: string) {
  let document: Promise<unknown> | undefined
  return new Hono<AppEnv>()
    .get('/api/openapi.json', async (c) => {
      document ??= describeApi(api, publicUrl)
      return c.json((await document) as object, 200, { 'cache-control': 'no-cache' })
    })
    .get('/api/docs', (c) => c.html(PAGE, 200, { 'content-security-policy': contentSecurityPolicy(publicUrl) }))
    .get('/api/docs/init.js', (c) => c.body(INIT, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
    .get('/api/docs/:file', async (c) => {
      const { file } = c.req.param()
      const type = ASSETS[file]
      if (!type) throw new DomainError('not_found', 'There is nothing at this address.')
      const body = await readFile(join(assetsDir(), file))
      return c.body(body, 200, { 'content-type': type, 'cache-control': 'public, max-age=86400' })
    })
}

async function describeApi<E extends Env>(api: Hono<E>, publicUrl: string): Promise<unknown> {
  const documentation: GenerateSpecOptions['documentation'] = {
    info: {
      title: 'Trackable',
      version: '1',
      description:
        'Push numbers over HTTP. Errors are problem details (RFC 9457); every code is described at /docs/errors.',
    },
    // The first is where this page was read, so that its buttons need no other origin.
    servers: [{ url: '/' }, { url: publicUrl }],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of a product: `trk_live_…`.' },
      },
    },
  }
  return generateSpecs(api, { documentation })
}

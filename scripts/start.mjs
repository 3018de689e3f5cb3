#!/usr/bin/env node
// `pnpm start [--demo]` and `pnpm trackable <command>`: builds when something changed, then becomes the server. In this
// very process, so that signals reach it and nothing is left behind when it is killed.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIfStale, root } from './build-if-stale.mjs'

const [first, ...rest] = process.argv.slice(2)
const args = first === '--cli' ? rest : ['start', ...process.argv.slice(2)]
await buildIfStale()
process.argv = [process.argv[0], 'trackable', ...args]
process.env.NODE_ENV ??= 'production'
await import(pathToFileURL(join(root, 'apps/server/dist/main.js')).href)

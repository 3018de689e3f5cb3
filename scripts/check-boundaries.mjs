#!/usr/bin/env node
/**
 * The architecture as a program. Each rule names what it found, why the rule exists and what to do instead.
 * Text is enough here: imports in this code base are static and one per statement.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** A context may import from those before it. Going the other way is done by publishing an event. */
const CONTEXTS = [
  'kernel',
  'auth',
  'team',
  'product',
  'metric',
  'ingest',
  'dashboard',
  'report',
  'alert',
  'presence',
  'admin',
]
/** What a context shows to the contexts on its right. `kinds` is the part of a schema that needs no schema library. */
const PUBLIC_FILES = ['service', 'schema', 'procedure', 'events', 'kinds']
/** The closed set of file names of a context; pure helpers carry a noun of their field. */
const VOCABULARY = new Set(['schema', 'router', 'service', 'repository', 'procedure', 'jobs', 'email', 'events'])
const HELPERS = {
  metric: [
    'calendar',
    'zone',
    'edges',
    'query',
    'series',
    'live',
    'range',
    'aggregate',
    'catalogue',
    'catalogue-schema',
    'schema-api',
    'repository-catalogue',
    'kinds',
    'cache',
    'formula',
    'freshness',
    'decimal',
    'comparison',
    'unknown',
    'storage',
    'repository-storage',
    'deletion',
    'merge',
    'retention',
    'csv',
    'rollup',
    'audit',
  ],
  ingest: [
    'writer',
    'point',
    'point-ids',
    'columns',
    'dictionary',
    'timestamp',
    'tags',
    'flush',
    'cumulative',
    'expiry',
    'buckets',
    'queue',
    'request',
    'admission',
    'lanes',
    'rejected',
    'receipt',
    'store',
    'partitions',
    'attempts',
    'stream',
    'inbox',
    'repository-inbox',
    'schema-inbox',
    'import',
    'import-csv',
    'import-part',
    'import-rows',
    'import-time',
    'import-preview',
    'import-guess',
    'import-hash',
    'repository-import',
    'schema-import',
    'shared-writer',
    'statsd',
    'allowance',
  ],
  dashboard: ['query', 'propose', 'format'],
  report: [
    'schedule',
    'dispatch',
    'frozen',
    'record',
    'delivery',
    'compose',
    'mail-view',
    'email-parts',
    'email-text',
    'words',
  ],
  auth: ['password', 'session', 'setup'],
  product: ['api-key', 'bootstrap'],
  team: ['register'],
  admin: ['demo', 'demo-dashboards'],
}
const REGISTRIES = ['formats', 'widgets', 'providers']
/** Who may import which workspace package. Nothing imports an app. */
const PACKAGES = {
  'apps/web': ['@trackable/api/client', '@trackable/ui'],
  'apps/server': ['@trackable/api', '@trackable/db', '@trackable/ui'],
  'packages/api': ['@trackable/db'],
  'packages/db': [],
  'packages/ui': [],
}

const problems = []
const report = (file, rule, advice) => problems.push(`${relative(root, file)}\n    ${rule}\n    ${advice}`)

const isTest = (file) => /\.test\.tsx?$|\/testing(\.ts|\/)/.test(file)

function walk(dir) {
  return readdirSync(dir).flatMap((name) => {
    if (['node_modules', 'dist', 'generated', '.turbo'].includes(name)) return []
    const path = join(dir, name)
    return statSync(path).isDirectory() ? walk(path) : /\.tsx?$/.test(name) ? [path] : []
  })
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

function importsOf(text) {
  const found = []
  for (const m of text.matchAll(/^(?:import|export)\s+(type\s)?([\w$*{},\s]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)) {
    const names = m[2] ?? ''
    const onlyTypes = Boolean(m[1]) || /^\{\s*(type\s+\w+(\s+as\s+\w+)?,?\s*)+\}\s*from/.test(names.trim())
    found.push({ source: m[3], isType: onlyTypes })
  }
  for (const m of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) found.push({ source: m[1], isType: false })
  return found
}

function resolveRelative(from, source) {
  const base = resolve(dirname(from), source)
  for (const end of ['', '.ts', '.tsx', '/index.ts', '/index.tsx']) {
    try {
      if (statSync(base + end).isFile()) return base + end
    } catch {} // not this ending; try the next
  }
  return undefined
}

function checkPackages(file, imports) {
  const home = Object.keys(PACKAGES).find((p) => file.startsWith(join(root, p, 'src')))
  if (!home) return
  for (const { source } of imports) {
    if (source.startsWith('@trackable/')) {
      const allowed = PACKAGES[home].some((p) => source === p || source.startsWith(`${p}/`))
      const inTest = isTest(file) && !home.startsWith('apps/web') // tests may stand on any package's testing entry
      if (!allowed && !inTest)
        report(
          file,
          `${home} imports ${source}`,
          `It may import only: ${PACKAGES[home].join(', ') || 'no workspace package'}. Move the code, or pass the value in.`,
        )
    }
    if (source.startsWith('.')) {
      const target = resolveRelative(file, source)
      if (target && !target.startsWith(join(root, home)))
        report(
          file,
          `${source} leaves its package by a relative path`,
          'Import the package by its name and add what is missing to its exports.',
        )
    }
    if (/^recharts(\/|$)/.test(source) && !file.startsWith(join(root, 'packages/ui/src/charts')))
      report(
        file,
        'imports recharts',
        'Only packages/ui/src/charts draws. Prepare the data and use a component from there, so that the mail shows the same picture.',
      )
  }
}

const API = join(root, 'packages/api/src')

function contextOf(file) {
  const [first, ...rest] = relative(API, file).split('/')
  return rest.length > 0 ? { name: first, rest: rest.join('/') } : undefined
}

function checkVocabulary(file) {
  const at = contextOf(file)
  if (!at || at.name === 'kernel' || isTest(file)) return
  if (!CONTEXTS.includes(at.name))
    return report(file, `"${at.name}" is not a context`, `Contexts, in order: ${CONTEXTS.join(' < ')}.`)
  const [first, ...deeper] = at.rest.split('/')
  if (deeper.length > 0) {
    if (!REGISTRIES.includes(first))
      report(file, `folder ${first}/ in a context`, `A context has only registry folders: ${REGISTRIES.join(', ')}.`)
    return
  }
  const stem = first.replace(/\.tsx?$/, '')
  if (!VOCABULARY.has(stem) && !(HELPERS[at.name] ?? []).includes(stem))
    report(
      file,
      `"${stem}" is not a file name of a context`,
      `Use one of ${[...VOCABULARY].join(', ')}; a pure helper with a noun of the field is added to HELPERS in this script.`,
    )
}

function checkContexts(file, imports) {
  const from = contextOf(file)
  if (!from || isTest(file)) return
  for (const { source } of imports) {
    const target = source.startsWith('.') ? resolveRelative(file, source) : undefined
    const to = target && contextOf(target)
    if (!to || to.name === from.name) continue
    if (CONTEXTS.indexOf(to.name) > CONTEXTS.indexOf(from.name)) {
      report(
        file,
        `${from.name} imports ${to.name}, which is on its right`,
        `Order: ${CONTEXTS.join(' < ')}. Publish an event, or take a callback from the caller.`,
      )
    } else if (
      to.name !== 'kernel' &&
      !PUBLIC_FILES.includes(to.rest.replace(/\.tsx?$/, '')) &&
      !to.rest.startsWith('widgets/')
    ) {
      report(
        file,
        `imports ${to.name}/${to.rest}`,
        `From another context only ${PUBLIC_FILES.join(', ')} may be imported.`,
      )
    }
  }
}

const LAYERS = [
  {
    file: /\/service\.ts$/,
    forbids: /^(@trpc\/|hono)/,
    advice: 'A service knows neither tRPC nor HTTP: throw DomainError, return data.',
  },
  {
    file: /\/schema\.ts$|\/widgets\/.*\.ts$/,
    forbids: /^(?!zod$|\.)/,
    advice: 'A schema imports zod and other schemas only: the browser loads it.',
  },
]

function checkLayers(file, imports, text) {
  if (!file.startsWith(API) || isTest(file)) return
  for (const layer of LAYERS) {
    if (!layer.file.test(file)) continue
    for (const { source, isType } of imports)
      if (!isType && layer.forbids.test(source)) report(file, `imports ${source}`, layer.advice)
  }
  const at = contextOf(file)
  const isRepository = /\/repository\.ts$|\/repository-[a-z-]+\.ts$/.test(file)
  if (at && at.name !== 'kernel' && !isRepository) {
    const use = text.match(
      /\b(?:prisma|tx|db)\.[a-z]\w*\.(?:find|create|update|upsert|delete|count|aggregate|groupBy)\w*\(|\$(?:queryRaw|executeRaw)\w*/,
    )
    if (use)
      report(
        file,
        `touches Prisma: ${use[0]}`,
        'Only repository.ts asks the database; give it a function that demands a scope.',
      )
  }
  if (imports.some((i) => /scope-mint$/.test(i.source)) && !/\/procedure\.ts$/.test(file))
    report(
      file,
      'imports kernel/scope-mint',
      'Scopes are made only by the gates in procedure.ts, right after the check. Take the scope as an argument.',
    )
  const clock = text.match(/new Date\(\)|Date\.now\(\)/)
  if (clock && !file.endsWith('kernel/time.ts'))
    report(
      file,
      `reads the system clock: ${clock[0]}`,
      'Use ctx.clock.now(), so that tests and replays decide what time it is.',
    )
  const unsafe = text.match(/\$(?:queryRawUnsafe|executeRawUnsafe)/)
  if (unsafe) report(file, unsafe[0], 'SQL is tagged or has named parameters; it is never built from strings.')
}

/** The web bundle loads this entry: what it reaches by value must run in a browser. */
function checkClientEntry() {
  const seen = new Set()
  const queue = [join(API, 'client.ts')]
  for (let file = queue.pop(); file; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const { source, isType } of importsOf(withoutComments(readFileSync(file, 'utf8')))) {
      if (isType) continue
      if (!source.startsWith('.')) {
        if (source !== 'zod')
          report(
            file,
            `is reached from @trackable/api/client and imports ${source}`,
            'The browser loads this file. Import the type only, or split the file.',
          )
        continue
      }
      const target = resolveRelative(file, source)
      if (target) queue.push(target)
    }
  }
}

const files = Object.keys(PACKAGES).flatMap((p) => walk(join(root, p, 'src')))
for (const file of files) {
  const text = withoutComments(readFileSync(file, 'utf8'))
  const imports = importsOf(text)
  checkPackages(file, imports)
  if (file.startsWith(API)) {
    checkVocabulary(file)
    checkContexts(file, imports)
    checkLayers(file, imports, text)
  }
}
checkClientEntry()

if (problems.length > 0) {
  console.error(`${problems.length} boundary ${problems.length === 1 ? 'problem' : 'problems'}:\n`)
  for (const p of problems) console.error(`  ${p}\n`)
  process.exit(1)
}
console.log(`Boundaries hold in ${files.length} files.`)

/**
 * One table with a row for every procedure: who may call it, and with what. A procedure without a row fails, and so does
 * a row that does not tell the truth. Adding a procedure means adding its row here.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { ErrorCode } from './kernel/errors'
import { ROLES, type Role } from './kernel/scope'
import { appRouter } from './router'
import {
  addMember,
  callerFor,
  createOtherTenant,
  createProductFixture,
  createStranger,
  createTestContext,
  type Owner,
  type Person,
  refusalOf,
  registerOwner,
  type TestContext,
} from './testing'

/** Ids that a procedure may be pointed at: real ones of one tenant, or invented ones. A context adds what it needs. */
interface World {
  teamId: string
  productId: string
  keyId: string
  metric: string
  dashboardId: string
  reportId: string
  importId: string
  rejectedId: string
}

interface Row {
  /** `public`: anybody. `user`: whoever is signed in. A role: members of the team that have this role or a higher one. */
  access: 'public' | 'user' | Role
  /** A valid input that points at the world; left out when the procedure takes none. */
  input?: (world: World) => Record<string, unknown>
  /** For what can be done once to a thing, such as deleting it: makes a new one before each call that should succeed. */
  fresh?: () => Promise<Partial<World>>
}

const someName = () => `Name ${Math.random()}`

const REPORT = {
  recipients: ['crew@example.org'],
  schedule: { frequency: 'weekly' as const, weekday: 1, hour: 8, minute: 0, zone: 'UTC' },
}

const IMPORT = {
  fileName: 'visits.csv',
  fileBytes: 30,
  fileHash: 'a'.repeat(64),
  mapping: {
    encoding: 'utf-8' as const,
    delimiter: ',' as const,
    columnCount: 2,
    hasHeader: false,
    decimal: '.' as const,
    timestamp: { column: 0, format: 'iso' as const, zone: 'UTC' },
    values: [{ column: 1, metric: 'visits' }],
    metricColumn: null,
    tags: [],
    idColumn: null,
  },
}

const ACCESS: Record<string, Row> = {
  'auth.state': { access: 'public' },
  'auth.login': { access: 'public', input: () => ({ email: 'nobody@example.org', password: 'x' }) },
  'auth.register': {
    access: 'public',
    input: () => ({
      email: `${Math.random()}@example.org`,
      name: 'M',
      password: 'kettle moss brine',
      teamName: 'Harbour',
      setupToken: null,
    }),
  },
  'auth.logout': { access: 'user' },
  'team.list': { access: 'user' },
  'team.create': { access: 'user', input: () => ({ name: someName() }) },
  'product.list': { access: 'viewer', input: ({ teamId }) => ({ teamId }) },
  'product.get': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'product.create': { access: 'admin', input: ({ teamId }) => ({ teamId, name: someName() }) },
  'product.update': { access: 'admin', input: ({ productId }) => ({ productId, weekStart: 1 }) },
  'product.listKeys': { access: 'editor', input: ({ productId }) => ({ productId }) },
  'product.createKey': { access: 'admin', input: ({ productId }) => ({ productId, name: someName() }) },
  'product.revokeKey': { access: 'admin', input: ({ productId, keyId }) => ({ productId, keyId }) },
  'metric.list': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'metric.catalogue': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'metric.get': { access: 'viewer', input: ({ productId, metric }) => ({ productId, metric }) },
  'metric.rename': {
    access: 'editor',
    input: ({ productId, metric }) => ({ productId, metric, to: `Name ${Math.random()}` }),
  },
  'metric.merge': {
    access: 'editor',
    input: ({ productId, metric }) => ({ productId, from: `${metric} old`, into: metric }),
  },
  'metric.delete': {
    access: 'admin',
    input: ({ productId, metric }) => ({ productId, metric }),
  },
  'metric.deletePoints': {
    access: 'admin',
    input: ({ productId, metric }) => ({
      productId,
      metric,
      from: '2026-03-01T00:00:00Z',
      to: '2026-03-02T00:00:00Z',
    }),
  },
  'metric.deletions': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'metric.retentionDryRun': {
    access: 'viewer',
    input: ({ productId, metric }) => ({ productId, metric, days: 30 }),
  },
  'metric.tags': { access: 'viewer', input: ({ productId, metric }) => ({ productId, metric }) },
  'metric.query': {
    access: 'viewer',
    input: ({ productId, metric }) => ({ productId, spec: { metric, aggregation: 'sum', range: { preset: '7d' } } }),
  },
  'metric.update': { access: 'editor', input: ({ productId, metric }) => ({ productId, metric, unit: 'EUR' }) },
  'metric.onStored': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'ingest.onAttempt': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'ingest.countRejected': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'ingest.listRejected': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'ingest.fixRejected': {
    access: 'editor',
    input: ({ productId, rejectedId }) => ({ productId, id: rejectedId, point: { metric: 'visits', value: 1 } }),
    fresh: async () => ({ rejectedId: await createRejectedId() }),
  },
  'ingest.replayRejected': {
    access: 'editor',
    input: ({ productId, rejectedId }) => ({ productId, rows: { ids: [rejectedId] } }),
  },
  'ingest.dismissRejected': {
    access: 'editor',
    input: ({ productId, rejectedId }) => ({ productId, rows: { ids: [rejectedId] } }),
  },
  'ingest.previewImport': { access: 'editor', input: ({ productId }) => ({ productId, sample: 'YSxiCjEsMgo=' }) },
  'ingest.createImport': { access: 'editor', input: ({ productId }) => ({ productId, ...IMPORT }) },
  'ingest.getImport': { access: 'viewer', input: ({ productId, importId }) => ({ productId, importId }) },
  'ingest.listImports': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'ingest.cancelImport': { access: 'editor', input: ({ productId, importId }) => ({ productId, importId }) },
  'dashboard.list': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'dashboard.listUsing': { access: 'viewer', input: ({ productId, metric }) => ({ productId, metrics: [metric] }) },
  'dashboard.get': { access: 'viewer', input: ({ dashboardId }) => ({ dashboardId }) },
  'dashboard.create': { access: 'editor', input: ({ productId }) => ({ productId, name: someName() }) },
  'dashboard.propose': { access: 'editor', input: ({ productId }) => ({ productId }) },
  'dashboard.update': {
    access: 'editor',
    input: ({ dashboardId }) => ({ dashboardId, revision: 1, name: someName() }),
  },
  'dashboard.delete': {
    access: 'editor',
    input: ({ dashboardId }) => ({ dashboardId }),
    fresh: async () => ({ dashboardId: await createDashboardId() }),
  },
  'report.list': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'report.get': { access: 'viewer', input: ({ reportId }) => ({ reportId }) },
  'report.create': {
    access: 'editor',
    input: ({ productId, dashboardId }) => ({ productId, dashboardId, ...REPORT, name: someName() }),
  },
  'report.update': { access: 'editor', input: ({ reportId }) => ({ reportId, isPaused: true }) },
  'report.delete': {
    access: 'editor',
    input: ({ reportId }) => ({ reportId }),
    fresh: async () => ({ reportId: await createReportId() }),
  },
  'report.plan': { access: 'viewer', input: ({ productId }) => ({ productId, schedule: REPORT.schedule }) },
  'report.sendNow': { access: 'editor', input: ({ reportId }) => ({ reportId }) },
  'report.sendTest': { access: 'viewer', input: ({ reportId }) => ({ reportId }) },
  'report.runs': { access: 'viewer', input: ({ reportId }) => ({ reportId }) },
  'report.mailSettings': { access: 'viewer', input: ({ productId }) => ({ productId }) },
  'report.outbox': { access: 'editor', input: ({ teamId }) => ({ teamId }) },
  'admin.seedDemo': { access: 'admin', input: ({ teamId }) => ({ teamId }) },
  'admin.demoProgress': { access: 'viewer', input: ({ teamId }) => ({ teamId }) },
}

const NOWHERE: World = {
  teamId: 'team_none',
  productId: 'prd_none',
  keyId: 'key_none',
  metric: 'none',
  dashboardId: 'dsh_none',
  reportId: 'rpt_none',
  importId: 'imp_none',
  rejectedId: '0',
}

/** The parts of a procedure's definition that tRPC keeps to itself. */
interface Definition {
  type: 'query' | 'mutation' | 'subscription'
  inputs: z.ZodType[]
  output?: unknown
}
const procedures = Object.entries(appRouter._def.procedures as Record<string, unknown>).map(
  ([path, procedure]) => [path, (procedure as { _def: Definition })._def] as const,
)
const rows = procedures.flatMap(([path]) => {
  const row = ACCESS[path]
  return row ? [[path, row] as const] : []
})

let ctx: TestContext
let owner: Owner
let stranger: Owner
let world: World
const members = {} as Record<Role, Person>

beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
  stranger = (await createOtherTenant(ctx)).owner
  const { product, key } = await createProductFixture(ctx, owner)
  world = { ...NOWHERE, teamId: owner.team.id, productId: product.id, keyId: key.id, metric: 'visits' }
  world.dashboardId = await createDashboardId()
  world.reportId = await createReportId()
  world.importId = (await callerFor(ctx, owner).ingest.createImport({ productId: product.id, ...IMPORT })).id
  world.rejectedId = await createRejectedId()
  const { id: productId } = await ctx.db.prisma.product.findUniqueOrThrow({ where: { publicId: product.id } })
  for (const name of ['visits', 'visits old']) await ctx.db.prisma.metric.create({ data: { productId, name } })
  for (const role of ROLES) members[role] = role === 'owner' ? owner : await addMember(ctx, owner, role)
})
afterAll(() => ctx.close())

async function createDashboardId(): Promise<string> {
  const { productId } = world
  return (await callerFor(ctx, owner).dashboard.create({ productId, name: someName() })).id
}

async function createReportId(): Promise<string> {
  const { productId, dashboardId } = world
  return (await callerFor(ctx, owner).report.create({ productId, dashboardId, ...REPORT, name: someName() })).id
}

async function createRejectedId(): Promise<string> {
  const { id: productId } = await ctx.db.prisma.product.findUniqueOrThrow({ where: { publicId: world.productId } })
  const fault = { code: 'not_finite', pointer: '/value', detail: 'too large' }
  const data = { productId, format: 'json', ...fault, raw: '{"metric":"visits"}', createdAt: ctx.clock.now() }
  return (await ctx.db.prisma.rejectedRow.create({ data })).id.toString()
}

/** Calls a procedure by its path. A subscription is opened, which is when access is decided, and closed again. */
async function call(person: Person, path: string, input: unknown): Promise<unknown> {
  const target = path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], callerFor(ctx, person))
  const result = await (target as (input: unknown) => Promise<unknown>)(input)
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
    await (result as AsyncIterable<unknown>)[Symbol.asyncIterator]().return?.()
  }
  return result
}

const inputOf = (row: Row, at: World) => row.input?.(at)

/** The refusal, or null when the call went through. */
const outcomeOf = (person: Person, path: string, input: unknown) =>
  refusalOf(call(person, path, input)).catch((error: Error) => {
    if (error.message.includes('expected to be refused')) return null
    throw error
  })

test('AZ-01: every procedure has a row in the table, and every row a procedure', () => {
  expect(Object.keys(ACCESS).sort()).toEqual(procedures.map(([path]) => path).sort())
})

test.each(procedures)('AZ-04: %s names what it answers, and cuts off everything else', (_path, { type, output }) => {
  expect(output).toBeDefined()
  // A subscription's schema describes a stream of values; its context tests what each of them holds.
  if (type !== 'subscription') expect(findLoosePart(output as z.ZodType)).toBeNull()
})

test.each(procedures)('AZ-03: %s has a strict input', (_path, { inputs }) => {
  const own = inputs.at(-1)
  if (own) expect(isStrict(own)).toBe(true)
})

describe.each(rows)('%s', (path, row) => {
  test.runIf(row.input)('AZ-03: refuses a field that it does not know', async () => {
    const refusal = await refusalOf(call(owner, path, { ...inputOf(row, world), isAdmin: true }))
    expect(refusal.code).toBe('invalid_request')
  })

  test.runIf(row.access !== 'public')('AZ-01: tells somebody who is not signed in to sign in', async () => {
    expect((await refusalOf(call(createStranger(), path, inputOf(row, world)))).code).toBe('unauthenticated')
  })

  test.runIf(isRole(row.access))('AZ-02: answers another team’s owner as if nothing were there', async () => {
    const refusal = await refusalOf(call(stranger, path, inputOf(row, world)))
    expect(refusal.code).toBe('not_found')
    expect(refusal).toEqual(await refusalOf(call(stranger, path, inputOf(row, NOWHERE))))
  })

  test.runIf(isRole(row.access))(`AZ-01: is open from the role ${row.access} on, and to no lower one`, async () => {
    const least = ROLES.indexOf(row.access as Role)
    const access: Record<string, boolean> = {}
    for (const role of ROLES.toReversed()) {
      const at = { ...world, ...(await row.fresh?.()) }
      const outcome = await outcomeOf(members[role], path, inputOf(row, at))
      access[role] = !(['forbidden', 'not_found', 'unauthenticated'] as (ErrorCode | undefined)[]).includes(
        outcome?.code,
      )
    }
    expect(access).toEqual(Object.fromEntries(ROLES.map((role, rank) => [role, rank <= least])))
  })
})

function isRole(access: Row['access']): access is Role {
  return (ROLES as readonly string[]).includes(access)
}

/** Zod's own description of a schema; the public way to walk one (zod.dev/library-authors). */
interface Shape {
  type: string
  shape?: Record<string, z.ZodType>
  catchall?: z.ZodType
  element?: z.ZodType
  options?: z.ZodType[]
  innerType?: z.ZodType
  in?: z.ZodType
  items?: z.ZodType[]
}
const shapeOf = (schema: z.ZodType) => schema._zod.def as unknown as Shape

function isStrict(schema: z.ZodType): boolean {
  const { type, catchall, options, innerType, in: from } = shapeOf(schema)
  if (type === 'object') return catchall !== undefined && shapeOf(catchall).type === 'never'
  if (type === 'union') return (options ?? []).every(isStrict)
  const inner = innerType ?? from
  return inner !== undefined && isStrict(inner)
}

/** Where a schema lets through what it does not name: an object with a catch-all, `any` or `unknown`. */
function findLoosePart(schema: z.ZodType, at = '$'): string | null {
  const { type, shape, catchall, element, options, innerType, in: from, items } = shapeOf(schema)
  if (type === 'any' || type === 'unknown') return at
  if (catchall && shapeOf(catchall).type !== 'never') return at
  const parts = [
    ...Object.entries(shape ?? {}).map(([name, part]) => [part, `${at}.${name}`] as const),
    ...[element, innerType, from, ...(options ?? []), ...(items ?? [])].map((part) => [part, `${at}[]`] as const),
  ]
  for (const [part, place] of parts) {
    const loose = part && findLoosePart(part, place)
    if (loose) return loose
  }
  return null
}

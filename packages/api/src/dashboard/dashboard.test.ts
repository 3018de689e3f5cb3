import { afterAll, beforeAll, expect, test } from 'vitest'
import { ColumnBuilder } from '../ingest/columns'
import { createPointWriter } from '../ingest/writer'
import { QuerySpec } from '../metric/schema'
import { productScopeForJob } from '../product/procedure'
import {
  addMember,
  callerFor,
  createOtherTenant,
  createProductFixture,
  createTestContext,
  type Owner,
  refusalOf,
  registerOwner,
  type TestContext,
} from '../testing'
import { buildWidgetQuery } from './query'

let ctx: TestContext
let owner: Owner
let productId: string

beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
  productId = (await createProductFixture(ctx, owner, { zone: 'Europe/Berlin' })).product.id
})
afterAll(() => ctx.close())

const mine = () => callerFor(ctx, owner).dashboard
const widget = (id: string) => ({
  id,
  type: 'line' as const,
  title: 'Orders',
  layout: { x: 0, y: 0, w: 8, h: 7 },
  metric: 'orders',
  aggregation: 'sum' as const,
})

test('a dashboard comes back as it was saved, defaults filled in, and is listed', async () => {
  const created = await mine().create({ productId, name: 'Growth', widgets: [widget('w1')] })
  expect(created).toMatchObject({
    name: 'Growth',
    zone: 'Europe/Berlin',
    revision: 1,
    canEdit: true,
    view: { range: { preset: '30d' }, compare: true },
  })
  expect(created.widgets[0]).toMatchObject({
    id: 'w1',
    groupBy: null,
    filters: [],
    format: { unit: 'none', lowerIsBetter: false },
  })
  expect(await mine().get({ dashboardId: created.id })).toEqual(created)
  expect(await mine().list({ productId })).toContainEqual(expect.objectContaining({ id: created.id, widgetCount: 1 }))
})

test('MT-3, MT-4: a widget keeps several tags, conditions with or, and a formula, and asks for them', async () => {
  const requests = { metric: 'requests', aggregation: 'sum' as const }
  const failed = { tag: 'status', op: 'is' as const, values: ['500'] }
  const formula = {
    expression: 'failed / all',
    terms: { all: { ...requests, filters: [] }, failed: { ...requests, filters: [failed] } },
  }
  const filters = [
    {
      any: [
        { ...failed, op: 'is_not' as const },
        { tag: 'route', op: 'exists' as const },
      ],
    },
  ]
  const { id: dashboardId } = await mine().create({
    productId,
    name: 'Errors',
    widgets: [
      { ...widget('f'), formula, filters, groupBy: ['route', 'region'] },
      { ...widget('g'), groupBy: 'plan' },
    ],
  })
  const { widgets, view } = await mine().get({ dashboardId })
  expect(widgets[0]).toMatchObject({ formula, groupBy: ['route', 'region'] })
  const [asked, plain] = widgets.map((one) => QuerySpec.parse(buildWidgetQuery(one, view, 'UTC')))
  expect(asked).toMatchObject({ formula, groupBy: ['route', 'region'] })
  expect(asked?.filters).toEqual([
    {
      any: [
        { ...failed, op: 'is_not' },
        { tag: 'route', op: 'exists', values: [] },
      ],
    },
  ])
  expect(asked?.metric).toBeUndefined()
  expect(plain).toMatchObject({ metric: 'orders', aggregation: 'sum', groupBy: ['plan'], compare: 'previous_period' })
})

test('DB-7: of two people who save on the same revision the second is told, and nothing is lost', async () => {
  const { id: dashboardId } = await mine().create({ productId, name: 'Shared', widgets: [] })
  const saves = await Promise.allSettled([
    mine().update({ dashboardId, revision: 1, widgets: [widget('a')] }),
    mine().update({ dashboardId, revision: 1, widgets: [widget('b')] }),
  ])
  expect(saves.map((save) => save.status).sort()).toEqual(['fulfilled', 'rejected'])
  const stored = await mine().get({ dashboardId })
  expect(stored).toMatchObject({ revision: 2, widgets: [expect.objectContaining({})] })
  const refusal = await refusalOf(mine().update({ dashboardId, revision: 1, name: 'Late' }))
  expect(refusal).toMatchObject({ code: 'revision_conflict', detail: expect.stringContaining('at revision 2') })
  expect((await mine().update({ dashboardId, revision: 2, name: 'In time' })).widgets).toEqual(stored.widgets)
})

test('a widget that was stored to other rules is named in a conflict, not an internal error', async () => {
  const { id: dashboardId } = await mine().create({ productId, name: 'Old', widgets: [widget('w1')] })
  await ctx.db.prisma.dashboard.update({
    where: { id: dashboardId },
    data: { widgets: [{ ...widget('w1'), type: 'hologram' }] },
  })
  const refusal = await refusalOf(mine().get({ dashboardId }))
  expect(refusal).toMatchObject({ code: 'conflict', detail: expect.stringMatching(/widget 1 of the dashboard "Old"/) })
  expect(await mine().list({ productId })).toContainEqual(expect.objectContaining({ id: dashboardId }))
})

test('a viewer sees that they cannot edit, and cannot', async () => {
  const { id: dashboardId } = await mine().create({ productId, name: 'Read', widgets: [] })
  const viewer = callerFor(ctx, await addMember(ctx, owner, 'viewer')).dashboard
  expect((await viewer.get({ dashboardId })).canEdit).toBe(false)
  expect((await refusalOf(viewer.update({ dashboardId, revision: 1, name: 'No' }))).code).toBe('forbidden')
  expect((await refusalOf(viewer.delete({ dashboardId }))).code).toBe('forbidden')
})

test('another tenant’s dashboard answers as if it did not exist, and is not touched', async () => {
  const { id: dashboardId } = await mine().create({ productId, name: 'Mine', widgets: [] })
  const theirs = callerFor(ctx, (await createOtherTenant(ctx)).owner).dashboard
  const none = 'dsh_none'
  expect(await refusalOf(theirs.get({ dashboardId }))).toEqual(await refusalOf(theirs.get({ dashboardId: none })))
  expect((await refusalOf(theirs.update({ dashboardId, revision: 1, name: 'Theirs' }))).code).toBe('not_found')
  expect((await refusalOf(theirs.delete({ dashboardId }))).code).toBe('not_found')
  expect((await refusalOf(theirs.list({ productId }))).code).toBe('not_found')
  expect((await refusalOf(theirs.create({ productId, name: 'Theirs' }))).code).toBe('not_found')
  expect((await refusalOf(theirs.propose({ productId }))).code).toBe('not_found')
  expect((await mine().get({ dashboardId })).name).toBe('Mine')
})

test('a deleted dashboard is gone', async () => {
  const { id: dashboardId } = await mine().create({ productId, name: 'Gone', widgets: [] })
  expect(await mine().delete({ dashboardId })).toEqual({ ok: true })
  expect((await refusalOf(mine().get({ dashboardId }))).code).toBe('not_found')
})

test('a first dashboard is proposed from what arrived, and refused in words before anything has', async () => {
  const { product } = await createProductFixture(ctx, owner)
  expect(await refusalOf(mine().propose({ productId: product.id }))).toMatchObject({
    code: 'conflict',
    detail: expect.stringContaining('No points'),
  })
  const builder = new ColumnBuilder(0, 0, (index) => `/${index}`)
  for (const [index, plan] of ['Solo', 'Team', 'Business'].entries()) {
    builder.add(index, 'revenue', JSON.stringify({ plan }), ctx.clock.now().getTime() - 60_000, 10, undefined)
  }
  const writer = createPointWriter(ctx)
  await writer.write(await productScopeForJob(ctx, product.id), builder.finish())
  await writer.close()
  const proposed = await mine().propose({ productId: product.id })
  expect(proposed.widgets.map((one) => [one.type, one.metric])).toEqual([
    ['number', 'revenue'],
    ['line', 'revenue'],
    ['bar', 'revenue'],
    ['table', 'revenue'],
  ])
  expect(proposed.widgets[2]).toMatchObject({ groupBy: 'plan', title: 'Revenue by plan' })
})

test('two widgets of the same id, and more than forty, are refused', async () => {
  const twice = mine().create({ productId, name: 'Twice', widgets: [widget('a'), widget('a')] })
  expect((await refusalOf(twice)).code).toBe('invalid_request')
  const many = mine().create({
    productId,
    name: 'Many',
    widgets: Array.from({ length: 41 }, (_, i) => widget(`w${i}`)),
  })
  expect((await refusalOf(many)).code).toBe('invalid_request')
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPointWriter } from '../ingest/writer'
import { teamScopeForOperator } from '../team/procedure'
import {
  addMember,
  callerFor,
  createTestContext,
  type Owner,
  refusalOf,
  registerOwner,
  type TestContext,
} from '../testing'
import { countDemoPoints, DEMO_PRODUCTS } from './demo'
import { seedDemo } from './service'

let ctx: TestContext
let owner: Owner

beforeAll(async () => {
  ctx = await createTestContext({ now: '2026-11-20T17:30:00Z' })
  owner = await registerOwner(ctx)
})
afterAll(() => ctx.close())

const teamOf = (person: Owner) => ({ teamId: person.team.id })
const countPoints = async () =>
  Number((await ctx.db.pools.query.query<{ n: string }>('SELECT count(*) AS n FROM point')).rows[0]?.n)

test('the demo is seeded by the job: products, a year of numbers, dashboards that show them, a report; twice adds nothing', async () => {
  const caller = callerFor(ctx, owner)
  expect((await caller.admin.demoProgress(teamOf(owner))).status).toBe('none')
  expect(await caller.admin.seedDemo(teamOf(owner))).toMatchObject({ status: 'running', fraction: 0 })
  const started = performance.now()
  await ctx.runJobs()
  console.info(`demo seeded in ${Math.round(performance.now() - started)} ms`)
  expect(await caller.admin.demoProgress(teamOf(owner))).toEqual({ status: 'done', fraction: 1, detail: null })

  const now = ctx.clock.now().getTime()
  const announced = DEMO_PRODUCTS.reduce((sum, product) => sum + countDemoPoints(product, now), 0)
  expect(await countPoints()).toBe(announced)
  const products = await caller.product.list(teamOf(owner))
  expect(products.map((product) => product.name)).toEqual(['Quill', 'Quill mobile', 'Print shop'])
  const quill = products.find((product) => product.name === 'Quill')?.id ?? ''
  const [growth] = await caller.dashboard.list({ productId: quill })
  const { widgets } = await caller.dashboard.get({ dashboardId: growth?.id ?? '' })
  for (const { metric, aggregation } of widgets) {
    const result = await caller.metric.query({
      productId: quill,
      spec: { metric, aggregation, range: { preset: '30d' } },
    })
    expect(result.total, metric).toBeGreaterThan(0)
  }
  expect(await caller.report.list({ productId: quill })).toMatchObject([
    { name: 'Weekly growth', recipients: [owner.user.email] },
  ])

  const metrics = await caller.metric.list({ productId: quill })
  expect(metrics.every((metric) => metric.kind !== null && metric.description !== null)).toBe(true)
  const dashboards = await caller.dashboard.list({ productId: quill })
  await caller.admin.seedDemo(teamOf(owner))
  await ctx.runJobs()
  expect(await countPoints()).toBe(announced)
  expect(await caller.metric.list({ productId: quill })).toEqual(metrics)
  expect(await caller.dashboard.list({ productId: quill })).toEqual(dashboards)
  expect(await caller.report.list({ productId: quill })).toHaveLength(1)
})

test('progress is reported up to the end', async () => {
  const other = await registerOwner(ctx)
  const writer = createPointWriter(ctx)
  const fractions: number[] = []
  const team = teamScopeForOperator(other.user.id, other.team.id)
  await seedDemo(ctx, writer, team, { recipient: other.user.email, onProgress: (fraction) => fractions.push(fraction) })
  await writer.close()
  expect(fractions.at(-1)).toBe(1)
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
})

test('a product of the team’s own that only has the same name is never written to', async () => {
  const other = await registerOwner(ctx)
  const { id: productId } = await callerFor(ctx, other).product.create({ ...teamOf(other), name: 'Quill' })
  const product = await ctx.db.prisma.product.findUniqueOrThrow({ where: { publicId: productId } })
  await ctx.db.prisma.metric.create({ data: { productId: product.id, name: 'their.own' } })
  const before = await countPoints()
  const writer = createPointWriter(ctx)
  const seeding = seedDemo(ctx, writer, teamScopeForOperator(other.user.id, other.team.id), {
    recipient: other.user.email,
  })
  await expect(seeding).rejects.toMatchObject({ code: 'conflict' })
  await writer.close()
  expect(await countPoints()).toBe(before)
})

test('only admins of the team seed its demo; members see how far it is, strangers nothing', async () => {
  const editor = callerFor(ctx, await addMember(ctx, owner, 'editor'))
  expect((await refusalOf(editor.admin.seedDemo(teamOf(owner)))).code).toBe('forbidden')
  expect((await editor.admin.demoProgress(teamOf(owner))).status).toBe('done')
  const stranger = callerFor(ctx, await registerOwner(ctx))
  expect((await refusalOf(stranger.admin.seedDemo(teamOf(owner)))).code).toBe('not_found')
  expect((await refusalOf(stranger.admin.demoProgress(teamOf(owner)))).code).toBe('not_found')
})

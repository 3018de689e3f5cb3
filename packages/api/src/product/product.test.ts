import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import { findProductScope, productScopeForJob, resolveApiKey } from './procedure'
import { bootstrapWorkspace, createKey, KEYS_PER_PRODUCT_MAX } from './service'

let ctx: TestContext
let owner: Owner

beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
})
afterAll(() => ctx.close())

const caller = () => callerFor(ctx, owner)

describe('products', () => {
  test('are created with zone and first weekday, listed in the order in which people made them, and read back', async () => {
    const team = await caller().team.create({ name: 'Lists' })
    const first = await caller().product.create({
      teamId: team.id,
      name: 'Tide',
      zone: 'Asia/Kathmandu',
      weekStart: 7,
    })
    // At the same millisecond: then the one that was stored first.
    const second = await caller().product.create({ teamId: team.id, name: 'Anchor' })
    expect(second).toMatchObject({ id: expect.stringMatching(/^prd_/), teamId: team.id, zone: 'UTC', weekStart: 1 })
    expect(await caller().product.list({ teamId: team.id })).toEqual([first, second])
    await ctx.db.prisma.product.update({
      where: { publicId: first.id },
      data: { createdAt: new Date(first.createdAt.getTime() + 1) },
    })
    const names = (await caller().product.list({ teamId: team.id })).map((product) => product.name)
    expect(names).toEqual(['Anchor', 'Tide'])
    expect(await caller().product.get({ productId: second.id })).toEqual(second)
  })

  test('AZ-04: an answer holds what the schema names and no storage key', async () => {
    const { product } = await createProductFixture(ctx, owner)
    expect(Object.keys(product).sort()).toEqual([
      'createdAt',
      'fiscalYearStart',
      'id',
      'name',
      'retentionDays',
      'teamId',
      'weekStart',
      'zone',
    ])
  })

  test('a name is taken once per team, also by two requests at the same moment; another team may use it', async () => {
    const create = (who: Owner, name: string) => callerFor(ctx, who).product.create({ teamId: who.team.id, name })
    const results = await Promise.allSettled([create(owner, 'Lighthouse'), create(owner, 'Lighthouse')])
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await refusalOf(create(owner, 'Lighthouse'))).toMatchObject({
      code: 'name_taken',
      errors: [{ pointer: '/name' }],
    })
    await create(await registerOwner(ctx), 'Lighthouse')
  })

  test('an update changes what it names and nothing else, and cannot take another product’s name', async () => {
    const [one, two] = [await createProductFixture(ctx, owner), await createProductFixture(ctx, owner)]
    const changed = await caller().product.update({ productId: one.product.id, zone: 'Europe/Berlin' })
    expect(changed).toEqual({ ...one.product, zone: 'Europe/Berlin' })
    const refusal = await refusalOf(caller().product.update({ productId: one.product.id, name: two.product.name }))
    expect(refusal.code).toBe('name_taken')
  })

  test.each(['+02:00', 'Mars/Olympus', '', 'Europe/Berlin; DROP TABLE'])('the zone "%s" is refused', async (zone) => {
    const refusal = await refusalOf(caller().product.create({ teamId: owner.team.id, name: 'X', zone }))
    expect(refusal).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/zone' }] })
  })
})

describe('AZ-02: another team’s product', () => {
  test('answers every procedure exactly as a product that does not exist, and stays as it was', async () => {
    const foreign = await createOtherTenant(ctx)
    const calls = (teamId: string, productId: string, keyId: string) => {
      const { product } = caller()
      return {
        list: () => product.list({ teamId }),
        create: () => product.create({ teamId, name: 'Intruder' }),
        get: () => product.get({ productId }),
        update: () => product.update({ productId, name: 'Mine now' }),
        listKeys: () => product.listKeys({ productId }),
        createKey: () => product.createKey({ productId, name: 'Intruder' }),
        revokeKey: () => product.revokeKey({ productId, keyId }),
      }
    }
    const reached = calls(foreign.owner.team.id, foreign.product.id, foreign.key.id)
    const invented = calls('team_none', 'prd_none', 'key_none')
    for (const name of Object.keys(reached) as (keyof typeof reached)[]) {
      const refusal = await refusalOf(reached[name]())
      expect(refusal.code, name).toBe('not_found')
      expect(refusal, name).toEqual(await refusalOf(invented[name]()))
    }
    const theirs = callerFor(ctx, foreign.owner).product
    expect(await theirs.list({ teamId: foreign.owner.team.id })).toEqual([foreign.product])
    expect(await theirs.listKeys({ productId: foreign.product.id })).toEqual([foreign.key])
  })

  test('another product’s key cannot be revoked through one’s own product', async () => {
    const [foreign, own] = [await createOtherTenant(ctx), await createProductFixture(ctx, owner)]
    const refusal = await refusalOf(caller().product.revokeKey({ productId: own.product.id, keyId: foreign.key.id }))
    expect(refusal.code).toBe('not_found')
    await resolveApiKey(ctx, `Bearer ${foreign.keyText}`, 'ingest')
  })

  test('somebody who leaves the team loses the product with the next request', async () => {
    const member = await addMember(ctx, owner, 'editor')
    const { product } = await createProductFixture(ctx, owner)
    await callerFor(ctx, member).product.get({ productId: product.id })
    await ctx.db.prisma.membership.deleteMany({ where: { userId: member.user.id, teamId: owner.team.id } })
    expect((await refusalOf(callerFor(ctx, member).product.get({ productId: product.id }))).code).toBe('not_found')
    expect(await findProductScope(ctx, member.scope, { publicId: product.id })).toBeNull()
  })
})

describe('keys', () => {
  test('AU-25: a key’s text is in the answer that creates it and in no other', async () => {
    const { product } = await createProductFixture(ctx, owner)
    const created = await caller().product.createKey({
      productId: product.id,
      name: 'Till',
      scopes: ['ingest', 'ingest'],
    })
    const { key, ...rest } = created
    expect(rest).toMatchObject({
      name: 'Till',
      scopes: ['ingest'],
      hint: key.slice(-4),
      lastUsedAt: null,
      revokedAt: null,
    })
    const listed = await caller().product.listKeys({ productId: product.id })
    expect(listed).toContainEqual(rest)
    expect(JSON.stringify(listed)).not.toContain(key)
  })

  test('revoking twice keeps the first date', async () => {
    const { product, key } = await createProductFixture(ctx, owner)
    const first = await caller().product.revokeKey({ productId: product.id, keyId: key.id })
    expect(first.revokedAt).toEqual(ctx.clock.now())
    ctx.clock.advance(1000)
    expect(await caller().product.revokeKey({ productId: product.id, keyId: key.id })).toEqual(first)
  })

  test('a product has at most 100 keys in use; a revoked one makes room', async () => {
    const { product, key } = await createProductFixture(ctx, owner)
    const scope = await productScopeForJob(ctx, product.id)
    for (let i = 1; i < KEYS_PER_PRODUCT_MAX; i++) await createKey(ctx, scope, { name: `Key ${i}`, scopes: ['read'] })
    const oneMore = () => caller().product.createKey({ productId: product.id, name: 'One more' })
    expect((await refusalOf(oneMore())).code).toBe('limit_reached')
    await caller().product.revokeKey({ productId: product.id, keyId: key.id })
    await oneMore()
  })
})

describe('setting up from the command line', () => {
  const wish = {
    email: 'Ops@Example.org',
    teamName: 'Pier',
    productName: 'Ferry',
    keyName: 'Default',
    zone: 'Europe/Lisbon',
  }

  test('makes owner, team, product and key; again, it changes nothing and shows no secret', async () => {
    const first = await bootstrapWorkspace(ctx, wish)
    const person = await callerFor(ctx, { ...owner, scope: null as never }).auth.login({
      email: wish.email,
      password: first.password ?? '',
    })
    expect(person).toMatchObject({ id: first.userId, email: 'ops@example.org' })
    const scope = await resolveApiKey(ctx, `Bearer ${first.keyText}`, 'ingest')
    expect(scope).toMatchObject({ publicId: first.productId, teamId: first.teamId, zone: 'Europe/Lisbon' })
    expect(await bootstrapWorkspace(ctx, wish)).toEqual({ ...first, password: null, keyText: null })
  })

  test('two replicas that start at the same moment make one of each', async () => {
    const same = { ...wish, email: 'twins@example.org', password: 'kettle moss brine' }
    const [one, two] = await Promise.all([bootstrapWorkspace(ctx, same), bootstrapWorkspace(ctx, same)])
    expect({ ...one, keyText: null }).toEqual({ ...two, keyText: null })
    expect(await ctx.db.prisma.product.count({ where: { teamId: one.teamId } })).toBe(1)
  })

  test('a key that was revoked is replaced by a new one', async () => {
    const again = { ...wish, email: 'third@example.org' }
    const first = await bootstrapWorkspace(ctx, again)
    await ctx.db.prisma.apiKey.updateMany({
      where: { product: { publicId: first.productId } },
      data: { revokedAt: ctx.clock.now() },
    })
    expect((await bootstrapWorkspace(ctx, again)).keyText).toMatch(/^trk_live_/)
  })
})

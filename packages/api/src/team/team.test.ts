import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addMember,
  callerFor,
  createTestContext,
  type Owner,
  refusalOf,
  registerOwner,
  type TestContext,
} from '../testing'
import { TEAMS_PER_USER_MAX } from './service'

let ctx: TestContext
let owner: Owner

beforeAll(async () => {
  ctx = await createTestContext()
  owner = await registerOwner(ctx)
})
afterAll(() => ctx.close())

test('a new team belongs to whoever creates it, and is listed after the ones they had', async () => {
  ctx.clock.advance(1_000)
  const team = await callerFor(ctx, owner).team.create({ name: '  Boathouse  ' })
  expect(team).toEqual({ id: expect.stringMatching(/^team_/), name: 'Boathouse', role: 'owner' })
  expect(await callerFor(ctx, owner).team.list()).toEqual([owner.team, team])
})

test('AZ-02: a list holds the caller’s own teams only, with the role in each', async () => {
  const viewer = await addMember(ctx, owner, 'viewer')
  const teams = await callerFor(ctx, viewer).team.list()
  expect(teams.map(({ id, role }) => ({ id, role }))).toContainEqual({ id: owner.team.id, role: 'viewer' })
  expect(teams).toHaveLength(2)
})

test('AZ-03: a team cannot be created with an id or a role of one’s choice', async () => {
  const input = { name: 'Boathouse', id: owner.team.id, role: 'owner' }
  expect((await refusalOf(callerFor(ctx, owner).team.create(input))).code).toBe('invalid_request')
})

test('a person has at most 50 teams', async () => {
  const many = await registerOwner(ctx)
  for (let i = 1; i < TEAMS_PER_USER_MAX; i++) await callerFor(ctx, many).team.create({ name: `Team ${i}` })
  expect((await refusalOf(callerFor(ctx, many).team.create({ name: 'One more' }))).code).toBe('limit_reached')
})

test('line breaks, which would reach the headers of mails, are refused in names', async () => {
  const refusal = await refusalOf(callerFor(ctx, owner).team.create({ name: 'Boat\r\nBcc: everybody' }))
  expect(refusal).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/name' }] })
})

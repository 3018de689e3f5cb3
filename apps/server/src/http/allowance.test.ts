import type { ServerResponse } from 'node:http'
import { DomainError, type ProductScope } from '@trackable/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Owner, push, signUp, startTestServer, type TestServer } from '../testing/server'
import { createAllowance } from './allowance'
import { Problem } from './problem'

const productOf = (id: number) => ({ id }) as ProductScope

function createResponse() {
  const headers = new Map<string, string>()
  return {
    headers,
    response: { setHeader: (name: string, value: string) => headers.set(name, value) } as unknown as ServerResponse,
  }
}

const refusalOf = (call: () => void): DomainError | null => {
  try {
    call()
    return null
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}

test('without a limit there is nothing that counts', () => {
  expect(createAllowance({}, () => 0)).toBeNull()
})

test('IN-21: requests beyond the limit are refused until the minute is over, of one product and not of the others', () => {
  let now = 1_000_000
  const allowance = createAllowance({ requestsPerMinute: 2 }, () => now)
  const { response, headers } = createResponse()
  allowance?.admit(response, productOf(1))
  expect(headers.get('ratelimit-policy')).toBe('"requests";q=2;w=60')
  expect(headers.get('ratelimit')).toBe('"requests";r=1;t=60')
  now += 10_500
  allowance?.admit(response, productOf(1))
  expect(refusalOf(() => allowance?.admit(response, productOf(1)))).toMatchObject({
    code: 'rate_limited',
    retryAfterS: 50,
  })
  expect(headers.get('ratelimit')).toBe('"requests";r=0;t=50')
  expect(refusalOf(() => allowance?.admit(response, productOf(2)))).toBeNull()
  now += 50_000
  expect(refusalOf(() => allowance?.admit(response, productOf(1)))).toBeNull()
})

test('IN-21: a request that begins within the limit is taken as a whole, and what is too much is owed', () => {
  let now = 0
  const allowance = createAllowance({ pointsPerMinute: 100 }, () => now)
  const { response, headers } = createResponse()
  allowance?.admit(response, productOf(1))
  allowance?.spend(response, productOf(1), 250)
  expect(headers.get('ratelimit')).toBe('"points";r=0;t=120')
  const refusal = () => refusalOf(() => allowance?.admit(response, productOf(1)))
  expect(refusal()?.retryAfterS).toBe(120)
  now = 119_000
  expect(refusal()?.retryAfterS).toBe(1)
  now = 120_000
  expect(refusal()).toBeNull()
  expect(headers.get('ratelimit')).toBe('"points";r=50;t=60')
  // Set back by an hour: nobody is locked out for that long.
  now = -3_600_000
  expect(refusal()).toBeNull()
})

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer({ INGEST_REQUESTS_PER_MINUTE: '3', INGEST_POINTS_PER_MINUTE: '1000' })
  owner = await signUp(server)
})
afterAll(() => server.stop())

test('IN-21: over HTTP, 429 is a problem with Retry-After and RateLimit fields, for every protocol alike', async () => {
  const influx = () =>
    fetch(`${server.base}/api/v2/write?org=o&bucket=b`, {
      method: 'POST',
      headers: { authorization: `Token ${owner.keyText}` },
      body: 'a value=1',
    })
  const first = await push(server, owner.keyText, [{ metric: 'a', value: 1 }, { metric: 'a' }])
  expect(first.status).toBe(207)
  expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=3;w=60, "points";q=1000;w=60')
  expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=2;t=\d+, "points";r=998;t=\d+$/)
  expect((await influx()).headers.get('ratelimit')).toMatch(/^"requests";r=1;t=\d+, "points";r=997;t=\d+$/)
  expect((await push(server, owner.keyText, 'no json')).status).toBe(400)

  const refused = await push(server, owner.keyText, { metric: 'a', value: 1 })
  expect(refused.status).toBe(429)
  expect(refused.headers.get('content-type')).toBe('application/problem+json')
  expect(Problem.parse(await refused.json()).code).toBe('rate_limited')
  const left = Number(/"requests";r=0;t=(\d+)/.exec(refused.headers.get('ratelimit') ?? '')?.[1])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(left)
  const other = await influx()
  expect(other.status).toBe(429)
  expect(Number(other.headers.get('retry-after'))).toBeGreaterThan(0)
})

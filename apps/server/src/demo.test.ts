import { createTestDatabase } from '@trackable/db/testing'
import { expect, test } from 'vitest'
import { spawnCli, whenServing } from './testing/child'
import { call } from './testing/server'

interface Named {
  id: string
  name: string
  zone: string
}

test('start --demo says where to go, as whom and with which password, and that opens the demo', {
  timeout: 60_000,
}, async () => {
  const database = await createTestDatabase()
  const env = { DATABASE_URL: database.url, PORT: '0', DRAIN_MS: '0', LOG_LEVEL: 'warn' }
  let child = spawnCli(['start', '--demo'], env)
  try {
    const server = { base: await whenServing(child) }
    const line = (name: string) => new RegExp(`^ +${name} +(.+)$`, 'm').exec(child.stdout())?.[1] ?? ''
    await expect.poll(() => line('Password'), { timeout: 30_000 }).not.toBe('')
    expect(line('Address')).toBe(`http://localhost:${new URL(server.base).port}/login`)

    const login = await call<{ name: string }>(server, 'auth.login', {
      email: line('E-mail'),
      password: line('Password'),
    })
    expect(login.data.name).toBe('Demo owner')
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const { data: teams } = await call<Named[]>(server, 'team.list', undefined, { cookie, isQuery: true })
    expect(teams.map((team) => team.name)).toEqual(['Harbor & Pine'])
    const team = { teamId: teams[0]?.id }
    const { data: products } = await call<Named[]>(server, 'product.list', team, { cookie, isQuery: true })
    expect(products.map(({ name, zone }) => [name, zone])).toEqual([
      ['Quill', 'Europe/Berlin'],
      ['Quill mobile', 'Europe/Berlin'],
      ['Print shop', 'Europe/Berlin'],
    ])

    child.process.kill('SIGTERM')
    await child.exited
    child = spawnCli(['start', '--demo'], env)
    await expect.poll(() => line('Password'), { timeout: 30_000 }).toBe('the one that was shown at the first start')
  } finally {
    child.process.kill('SIGKILL')
    await child.exited
    await database.drop()
  }
})

import { hash } from 'argon2'
import { describe, expect, test } from 'vitest'
import { ARGON2_PARAMS, findWeakness, hashPassword, isHashOutdated, verifyPassword } from './password'
import { Password } from './schema'

describe('AU-01: which passwords may be set', () => {
  const tooShort = 'Use at least 12 characters.'
  test.each([
    ['7 characters', 'aB3$xyz', tooShort],
    ['11 characters', 'aB3$xyzq7Lm', tooShort],
    ['6 emoji, which are 12 UTF-16 units', '🦊🐢🍇🚲🌋🎺', tooShort],
  ])('%s are too few', (_name, password, reason) => {
    expect(findWeakness(password, [])).toBe(reason)
  })

  test.each([
    ['12 characters', 'kettle-moss-'],
    ['15 characters', 'kettlemossbrine'],
    ['64 characters', 'kettle moss brine violet otter canyon plum drizzle anchor fennel'],
    ['12 emoji', '🦊🐢🍇🚲🌋🎺🐙🍋🌵🛶🎻🦉'],
    ['blanks only between words, no digit, no capital', 'violet otter canyon'],
  ])('%s are fine, without rules about what to mix', (_name, password) => {
    expect(Password.safeParse(password).success).toBe(true)
    expect(findWeakness(password, [])).toBeNull()
  })

  test('200 characters are accepted and 201 refused by the schema', () => {
    expect(Password.safeParse('x'.repeat(200)).success).toBe(true)
    expect(Password.safeParse('x'.repeat(201)).success).toBe(false)
  })

  test('two passwords that differ only in byte 73, or only in the last of 200 characters, are different', async () => {
    const first72 = 'violet otter '.repeat(6).slice(0, 72)
    const stored = await hashPassword(`${first72}A`)
    expect(await verifyPassword(stored, `${first72}A`)).toBe(true)
    expect(await verifyPassword(stored, `${first72}B`)).toBe(false)
    const first199 = 'é'.repeat(199)
    const long = await hashPassword(`${first199}1`)
    expect(await verifyPassword(long, `${first199}2`)).toBe(false)
  })

  test('the same text in another Unicode normal form is the same password', async () => {
    const stored = await hashPassword('caf\u00e9 kettle moss')
    expect(await verifyPassword(stored, 'cafe\u0301 kettle moss')).toBe(true)
  })
})

describe('AU-02: what is guessed first is refused with the reason', () => {
  test.each([
    'password1234',
    'P@ssw0rd1234!',
    'passwordpassword',
    'qwertyuiop123',
    'iloveyou12345',
    'Welcome2026!!',
    'letmein123456',
    'administrator1',
    'Summer2025!!!',
    'correcthorsebatterystaple',
    'changeme12345',
    'adminadmin123',
    'qwertyuiopasdf',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    'ab12ab12ab12ab',
    '123456789012',
    'abcdefghijkl',
    '987654321098',
    'trackable2026',
    'my-Trackable-pw',
  ])('%s', (password) => {
    expect(findWeakness(password, [])).not.toBeNull()
  })

  test('the name of the address, of the person and of the team', () => {
    const own = ['marisol', 'harbourlights', 'Marisol', 'Vega', 'Harbour & Sons']
    expect(findWeakness('Marisol-kettle-9', own)).toContain('marisol')
    expect(findWeakness('xx harbour sons xx', own)).toContain('harboursons')
    expect(findWeakness('kettle moss brine', own)).toBeNull()
  })

  test('short names do not forbid half the dictionary', () => {
    expect(findWeakness('walnut album kettle', ['al', 'Al', 'Li'])).toBeNull()
  })

  test.each([
    'the summer we sailed north',
    'password of my grandfather',
    'tr0ub4dor&3-lantern',
    'Zq8#vL2!wR5x',
    '7f3k9x2m4q8w',
  ])('a good one that contains a common word or digits passes: %s', (password) => {
    expect(findWeakness(password, [])).toBeNull()
  })
})

describe('AU-03: how passwords are stored', () => {
  test('a PHC string of Argon2id with at least 19 MiB, two passes, one lane, and a salt of its own', async () => {
    const [one, two] = await Promise.all([hashPassword('violet otter canyon'), hashPassword('violet otter canyon')])
    const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]{22,})\$[A-Za-z0-9+/]{43}$/
    const [, memory, time, lanes, salt] = phc.exec(one) ?? []
    expect(Number(memory)).toBeGreaterThanOrEqual(19 * 1024)
    expect(Number(time)).toBeGreaterThanOrEqual(2)
    expect(Number(lanes)).toBeGreaterThanOrEqual(1)
    expect(phc.exec(two)?.[4]).not.toBe(salt)
  })

  test('a hash with weaker parameters is recognised as outdated, today’s are not', async () => {
    expect(isHashOutdated(await hash('violet otter', { ...ARGON2_PARAMS, memoryCost: 8192 }))).toBe(true)
    expect(isHashOutdated(await hash('violet otter', { ...ARGON2_PARAMS, timeCost: 1 }))).toBe(true)
    expect(isHashOutdated(await hashPassword('violet otter'))).toBe(false)
  })
})

test('AU-04: no account means a comparison that fails, whatever the password', async () => {
  expect(await verifyPassword(null, 'violet otter canyon')).toBe(false)
})

test('a hundred people at the same moment are served or told to wait, and afterwards the next one is served', async () => {
  const stored = await hashPassword('violet otter canyon')
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, () => verifyPassword(stored, 'violet otter canyon')),
  )
  const served = results.filter((result) => result.status === 'fulfilled' && result.value)
  const refused = results.filter((result) => result.status === 'rejected' && result.reason.code === 'overloaded')
  expect(served.length + refused.length).toBe(100)
  expect(served.length).toBe(66)
  expect(await verifyPassword(stored, 'violet otter canyon')).toBe(true)
})

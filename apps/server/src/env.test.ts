import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeVariables, EnvError, readEnv } from './env'

test('nothing has to be set', () => {
  const env = readEnv({})
  expect(env).toMatchObject({ PORT: 8080, bus: 'memory', REGISTRATION: 'closed', TRUSTED_PROXIES: 0 })
  expect(env.publicUrlOf(8080)).toBe('http://localhost:8080')
})

test('an empty value counts as not set', () => {
  expect(readEnv({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({ PORT: 8080, DATABASE_URL: undefined })
})

test.each([
  ['PORT', '80a'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '0x10'],
  ['PUBLIC_URL', 'kpi.example.org'],
  ['PUBLIC_URL', 'https://example.org/kpi'],
  ['PUBLIC_URL', 'ftp://example.org'],
  ['LOG_LEVEL', 'loud'],
  ['REGISTRATION', 'false'],
  ['BUS', 'redis'],
  ['DRAIN_MS', '1e3'],
  ['QUERY_POOL', '0'],
  ['MAIL_FROM', 'nobody'],
  ['MAIL_FROM', 'A <a@b>\r\nBcc: c@d'],
])('a bad %s stops the boot and is named with what was given and what is allowed: %s', (name, value) => {
  const attempt = () => readEnv({ [name]: value })
  expect(attempt).toThrow(EnvError)
  expect(attempt).toThrow(`${name} is ${JSON.stringify(value)}; allowed: `)
})

test('every bad variable is named at once', () => {
  expect(() => readEnv({ PORT: 'x', BUS: 'y' })).toThrow(/PORT is "x"[\s\S]*BUS is "y"/)
})

test.each(['DATABASE_URL', 'SMTP_URL'])('the error about %s does not repeat the password in it', (name) => {
  expect(() => readEnv({ [name]: 'mysql://u:canary@h/d' })).toThrow(new RegExp(`^${name} is set to something else`))
  expect(() => readEnv({ [name]: 'mysql://u:canary@h/d' })).not.toThrow('canary')
})

test('two ways to send mail at once are refused', () => {
  expect(() => readEnv({ SMTP_URL: 'smtp://h', RESEND_API_KEY: 're_1' })).toThrow('SMTP_URL and RESEND_API_KEY')
})

test('a database of your own brings the bus that reaches other processes', () => {
  expect(readEnv({ DATABASE_URL: 'postgresql://u:p@h/d' }).bus).toBe('postgres')
  expect(readEnv({ DATABASE_URL: 'postgresql://u:p@h/d', BUS: 'memory' }).bus).toBe('memory')
})

test('docs/operations.md shows the table of variables as it is', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  expect(page).toContain(describeVariables())
})

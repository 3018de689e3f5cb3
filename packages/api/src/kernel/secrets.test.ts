import { expect, test } from 'vitest'
import { redactSecrets } from './log'
import { hasKeyChecksum, newApiKey, newToken } from './secrets'

test('AU-09: tokens carry 32 random bytes and do not repeat', () => {
  const tokens = Array.from({ length: 1000 }, newToken)
  expect(new Set(tokens).size).toBe(1000)
  expect(Buffer.from(tokens[0] ?? '', 'base64url')).toHaveLength(32)
})

test('AU-25: a key has a prefix and a checksum that every single mistyped character breaks', () => {
  const key = newApiKey()
  expect(key).toMatch(/^trk_live_[A-Za-z0-9]{32}$/)
  expect(hasKeyChecksum(key)).toBe(true)
  for (let i = 0; i < key.length; i++) {
    const typo = key.slice(0, i) + (key[i] === 'x' ? 'y' : 'x') + key.slice(i + 1)
    expect(hasKeyChecksum(typo)).toBe(false)
  }
  expect(hasKeyChecksum(key.slice(0, -1))).toBe(false)
  expect(hasKeyChecksum(`${key}a`)).toBe(false)
})

test('AU-26: keys and tokens in free text are taken out before it reaches a log', () => {
  const key = newApiKey()
  expect(redactSecrets(`GET /api/v1/ingest?api_key=${key}&x=1 failed`)).toBe(
    'GET /api/v1/ingest?api_key=[redacted]&x=1 failed',
  )
  expect(redactSecrets(`Bearer ${key}.`)).toBe('Bearer trk_live_[redacted].')
  expect(redactSecrets('/register?setup=abc_-9 next')).toBe('/register?setup=[redacted] next')
})

import { RETENTION_DAYS_MAX } from '@trackable/api/client'
import { describe, expect, it } from 'vitest'
import { isDays, planWords, readDays } from './retention-words'

describe('keeping raw points', () => {
  it('takes whole days up to what the server takes, and nothing else', () => {
    expect([' 90 ', '1', String(RETENTION_DAYS_MAX)].map(readDays).every(isDays)).toBe(true)
    const refused = ['', '0', '1.5', '-3', '1e3', 'ever', String(RETENTION_DAYS_MAX + 1)]
    expect(refused.filter((text) => isDays(readDays(text)))).toEqual([])
  })

  it('says how much would be gone, and names the day in the zone of the product', () => {
    // Midnight in Berlin is the evening before in UTC.
    const before = new Date('2026-08-21T22:00:00Z')
    const words = planWords({ points: 1_234_567, bytes: 23_400_000, before }, 'Europe/Berlin')
    expect(words).toContain('1,234,567 raw points from before Aug 22, 2026')
    expect(words).toContain('about 23.4 MB')
    expect(words).toContain('cannot be undone')
    expect(planWords({ points: 1, bytes: 70, before }, 'UTC')).toContain('1 raw point from before Aug 21, 2026')
  })

  it('says that nothing would be gone', () => {
    expect(planWords({ points: 0, bytes: 0, before: new Date('2026-08-21T00:00:00Z') }, 'UTC')).toBe(
      'Nothing would be deleted now: no raw point is from before Aug 21, 2026.',
    )
  })
})

import { describe, expect, test } from 'vitest'
import { fieldOf, readFixDraft, toFixDraft } from './fix-draft'

const point = {
  metric: 'signups',
  value: 3,
  timestamp: '2026-11-20T09:30:00Z',
  tags: { plan: 'So=lo', region: '' },
  id: 'a1',
}

describe('mending a rejected point', () => {
  test('a point that could be read comes out of the form as it went in', () => {
    expect(readFixDraft(toFixDraft({ point }))).toEqual({ point, errors: null })
  })

  test('nothing that could be read is an empty form, whose errors say what is needed', () => {
    const { errors } = readFixDraft(toFixDraft({ point: null }))
    expect(Object.keys(errors ?? {})).toEqual(['metric', 'value'])
  })

  test.each([
    ['value', '12,5'],
    ['value', 'Infinity'],
    ['value', ''],
    ['timestamp', 'yesterday'],
    ['timestamp', '2026-11-20T09:30:00'],
    ['tags', 'plan'],
    ['tags', '=Solo'],
    ['tags', 'plan=Solo\nplan=Team'],
  ] as const)('%s %j is told beside its field', (field, text) => {
    const { point: made, errors } = readFixDraft({ ...toFixDraft({ point }), [field]: text })
    expect(made).toBeNull()
    expect(Object.keys(errors ?? {})).toEqual([field])
  })

  test.each([
    ['/points/3/value', 'value'],
    ['/0/tags/plan', 'tags'],
    ['/timestamp', 'timestamp'],
    ['/points/3', null],
  ])('the pointer %s is about %s', (pointer, field) => {
    expect(fieldOf(pointer)).toBe(field)
  })
})

import type { Report } from '@trackable/api/client'
import { describe, expect, it } from 'vitest'
import { deliveryWords, isKeptRun, runWords, watchInterval } from './run-words'

const NOW = Date.parse('2026-03-02T08:00:00Z')
const MINUTE = 60_000

function report(status: 'sending' | 'sent', minutesToNext: number | null): Report {
  return {
    id: 'rpt_1',
    productId: 'prd_1',
    dashboardId: 'dsh_1',
    dashboardName: 'Growth',
    name: 'Weekly',
    schedule: { frequency: 'daily', hour: 8, minute: 0, zone: 'UTC' },
    recipients: ['ann@a.org'],
    isPaused: minutesToNext === null,
    nextRunAt: minutesToNext === null ? null : new Date(NOW + minutesToNext * MINUTE),
    lastRun: {
      id: 'run_1',
      trigger: 'manual',
      status,
      periodFrom: new Date(NOW),
      periodTo: new Date(NOW),
      asOf: null,
      error: null,
      createdAt: new Date(NOW),
    },
  }
}

describe('the list of reports is read again', () => {
  it('every second while a run is under way', () => {
    expect(watchInterval([report('sent', 600), report('sending', 600)], NOW)).toBe(1000)
  })
  it('when the next run is due', () => {
    expect(watchInterval([report('sent', 600), report('sent', 2)], NOW)).toBe(2 * MINUTE)
  })
  it('never when all is quiet', () => {
    expect(watchInterval([report('sent', 600), report('sent', null)], NOW)).toBe(false)
    expect(watchInterval([], NOW)).toBe(false)
    expect(watchInterval(undefined, NOW)).toBe(false)
  })
})

it('a delivery that was tried and is not over says that it will be tried again', () => {
  expect(deliveryWords({ status: 'pending', attempts: 0, answer: null }).text).toBe('Waiting')
  expect(deliveryWords({ status: 'pending', attempts: 2, answer: '451 busy' }).text).toBe('Will be tried again')
})

it('a mail that nobody got is not called sent', () => {
  const kept = { status: 'sent', attempts: 1, answer: 'Kept in the outbox: no mail server is configured.' } as const
  const sent = { status: 'sent', attempts: 1, answer: '250 queued' } as const
  expect(deliveryWords(kept)).toEqual({ tone: 'neutral', text: 'Kept in outbox' })
  expect(deliveryWords(sent).text).toBe('Sent')
  expect([isKeptRun([kept, kept]), isKeptRun([kept, sent]), isKeptRun([])]).toEqual([true, false, false])
  expect(runWords('sent', true).text).toBe('Kept in outbox')
  expect(runWords('failed', true).text).toBe('Not sent')
})

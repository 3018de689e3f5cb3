import type { ImportMapping, ImportPreview } from '@trackable/api/client'
import { describe, expect, test } from 'vitest'
import { countColumns, readImportDraft, toImportDraft, withDelimiter, withName, withRole } from './import-draft'

const MAPPING: ImportMapping = {
  encoding: 'utf-8',
  delimiter: ';',
  columnCount: 4,
  hasHeader: true,
  decimal: ',',
  timestamp: { column: 0, format: 'dmy', zone: 'Europe/Berlin' },
  values: [{ column: 2, metric: 'sales' }],
  metricColumn: null,
  tags: [{ column: 1, key: 'region' }],
  idColumn: 3,
}
const column = (name: string, i: number) => ({ column: i, name, type: 'text' as const, samples: [] })
const preview = (mapping: ImportMapping | null): ImportPreview => ({
  hasBom: false,
  columns: ['Day', 'region', 'Net sales', 'ref'].map(column),
  mapping,
  rows: [],
  points: [],
})
const HEAD = 'Day;region;Net sales;ref\n'

describe('what somebody says about a file', () => {
  test('a guessed mapping goes through the form unchanged', () => {
    expect(readImportDraft(toImportDraft(preview(MAPPING), HEAD, 'UTC'))).toEqual({ mapping: MAPPING, problem: null })
  })

  test('without a guess each next step is told, until it is enough', () => {
    let draft = toImportDraft(preview(null), HEAD, 'UTC')
    expect(draft.delimiter).toBe(';')
    expect(readImportDraft(draft).problem).toMatch(/time/)
    draft = withRole(draft, 0, 'time')
    expect(readImportDraft(draft).problem).toMatch(/values/)
    draft = withRole(draft, 2, 'value')
    expect(readImportDraft(draft).mapping?.values).toEqual([{ column: 2, metric: 'Net_sales' }])
    expect(readImportDraft(withName(draft, 2, ' ')).problem).toMatch(/Name the metric/)
  })

  test('a column of metric names takes the names from the values', () => {
    const draft = withRole(toImportDraft(preview(MAPPING), HEAD, 'UTC'), 1, 'metric')
    expect(readImportDraft(draft).mapping).toMatchObject({ metricColumn: 1, values: [{ column: 2, metric: null }] })
    expect(readImportDraft(withRole(draft, 3, 'value')).problem).toMatch(/one column/)
  })

  test('there is one column of times: choosing another frees the first', () => {
    const draft = withRole(toImportDraft(preview(MAPPING), HEAD, 'UTC'), 3, 'time')
    expect(draft.columns.map(({ role }) => role)).toEqual(['skip', 'tag', 'value', 'time'])
  })

  test('another delimiter cuts other columns', () => {
    expect(countColumns('a;"b;c";d\ne', ';')).toBe(3)
    expect(withDelimiter(toImportDraft(preview(MAPPING), HEAD, 'UTC'), ',', HEAD).columns).toHaveLength(1)
  })
})

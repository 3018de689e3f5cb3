import { expect, test } from 'vitest'
import { toErrorsCsv } from './errors-csv'

test('a list of faults keeps its cells apart, and no cell becomes a formula', () => {
  const text = toErrorsCsv([
    { line: 3, column: 2, code: 'not_a_number', detail: 'The value "1,2" is no number.' },
    { line: 9, column: null, code: 'columns', detail: '=HYPERLINK("x")' },
  ])
  expect(text.split('\r\n').slice(1, -1)).toEqual([
    '3,2,not_a_number,"The value ""1,2"" is no number."',
    `9,,columns,"'=HYPERLINK(""x"")"`,
  ])
})

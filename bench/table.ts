export interface Row {
  id: string
  work: string
  figure: string
  target: string
  note: string
}

export function printTable(rows: readonly Row[]): void {
  const columns = ['id', 'work', 'figure', 'target', 'note'] as const
  const head: Row = { id: 'id', work: 'work', figure: 'ours', target: 'target', note: 'note' }
  const width = (column: (typeof columns)[number]) => Math.max(...[head, ...rows].map((row) => row[column].length))
  const line = (row: Row) => `| ${columns.map((column) => row[column].padEnd(width(column))).join(' | ')} |`
  const rule = `|${columns.map((column) => '-'.repeat(width(column) + 2)).join('|')}|`
  process.stdout.write(`${[line(head), rule, ...rows.map(line)].join('\n')}\n`)
}

import type { ImportError } from '@trackable/api/client'

/**
 * The faults as a file. A cell that a spreadsheet would take for a formula is set off by an apostrophe: the words quote
 * what stood in somebody's file.
 */
export function toErrorsCsv(errors: readonly ImportError[]): string {
  const cell = (value: string | number | null) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? '')
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const rows = errors.map(({ line, column, code, detail }) => [line, column, code, detail].map(cell).join(','))
  return `\uFEFF${['line,column,code,detail', ...rows].join('\r\n')}\r\n`
}

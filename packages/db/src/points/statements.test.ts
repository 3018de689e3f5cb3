import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const FOLDER = new URL('.', import.meta.url)
const TABLES =
  /\b(?:FROM|JOIN|INTO|UPDATE|COPY)\s+(?:ONLY\s+)?(metric_alias|point_delta|point_pack|point|metric|series|histogram|rollup_day|rollup_quarter|dirty_quarter|sketch_day|cumulative_state)\b(?!\.)/g

/** Template literals and quoted strings that begin like a statement. */
function statementsOf(source: string): string[] {
  const withoutComments = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const literals = withoutComments.match(/`[^`]*`|'[^'\n]*'/g) ?? []
  return literals
    .map((literal) => literal.slice(1, -1))
    .filter((text) => /^\s*(\w+ AS (MATERIALIZED )?\(\s+)?(SELECT|INSERT|UPDATE|DELETE|WITH|COPY)\b/.test(text))
}

/** How often a statement touches the time-series tables, and how often it says of which product. */
function count(statement: string): { tables: number; products: number } {
  const tables = [...statement.matchAll(TABLES)].length
  const compared = statement.match(/product_id = (\$\d|\w+\.product_id|product\.id)|USING \(product_id,/g)?.length ?? 0
  const written = statement.match(/(INSERT INTO|COPY) \w+( AS \w+)? \(product_id,/g)?.length ?? 0
  return { tables, products: compared + written }
}

const statements = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'fixture.ts')
  .flatMap((name) => statementsOf(readFileSync(new URL(name, FOLDER), 'utf8')).map((text) => ({ name, text })))
  .filter(({ text }) => count(text).tables > 0)

test('the statements of this folder are found', () => {
  expect(statements.length).toBeGreaterThanOrEqual(8)
})

test.each(statements)('AZ-07: $name names its product once for every table it touches', ({ text }) => {
  const { tables, products } = count(text)
  expect(products).toBeGreaterThanOrEqual(tables)
})

test('a statement that forgets its product is noticed', () => {
  expect(count('SELECT * FROM series JOIN point ON point.product_id = $1')).toEqual({ tables: 2, products: 1 })
})

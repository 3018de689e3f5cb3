import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFormula } from './formula'

const term = { metric: 'm', aggregation: 'sum' as const, filters: [] }
const NAMES = ['a', 'b', 'c_1']

/** Text of an expression beside what it comes to, worked out without the parser. */
interface Sample {
  text: string
  value: number | null
}

const VALUES: Record<string, number> = { a: 3, b: 0, c_1: -2.5 }

function calculate(left: number | null, operator: string, right: number | null): number | null {
  if (left === null || right === null) return null
  if (operator === '+') return left + right
  if (operator === '-') return left - right
  if (operator === '*') return left * right
  return right === 0 ? null : left / right
}

/** Every operation in parentheses, so that its order is told by the text alone. */
const { expression } = fc.letrec<{ expression: Sample }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...NAMES).map((name): Sample => ({ text: name, value: VALUES[name] ?? null })),
    fc.integer({ min: 0, max: 99 }).map((value): Sample => ({ text: String(value), value })),
    tie('expression').map(({ text, value }): Sample => ({ text: `(-${text})`, value: value === null ? null : -value })),
    fc.tuple(tie('expression'), fc.constantFrom('+', '-', '*', '/'), tie('expression')).map(
      ([left, operator, right]): Sample => ({
        text: `(${left.text} ${operator} ${right.text})`,
        value: calculate(left.value, operator, right.value),
      }),
    ),
  ),
}))

function evaluate(text: string): number | null {
  const used = NAMES.filter((name) => new RegExp(`\\b${name}\\b`).test(text))
  const formula = { expression: text, terms: Object.fromEntries(used.map((name) => [name, term])) }
  const { names, evaluate: run } = parseFormula(formula)
  return run(names.map((name) => VALUES[name] ?? null))
}

test('an expression comes to what arithmetic says, and what is divided by zero to nothing', () => {
  fc.assert(
    fc.property(expression, ({ text, value }) => {
      expect(evaluate(text)).toEqual(value)
    }),
  )
})

test.each([
  ['1 + 2 * 3', 7],
  ['2 * 3 + 1', 7],
  ['10 - 4 - 3', 3],
  ['24 / 4 / 3', 2],
  ['-a * 2', -6],
  ['2 * -a', -6],
  ['1.5e1 + .5', 15.5],
  ['  a\t-\n(b)  ', 3],
  ['a / b', null],
])('%s is %s', (text, value) => {
  expect(evaluate(text)).toBe(value)
})

test('IN-25: what is no expression is refused and never run, however it looks', () => {
  const evil = [
    '',
    ' ',
    'a b',
    'a +',
    '()',
    'a ** b',
    'a.b',
    'a[0]',
    'process.exit()',
    '1e999',
    'a; b',
    '`a`',
    'a = 1',
    '0x10',
  ]
  for (const text of [...evil, '('.repeat(250) + ')'.repeat(250), '-'.repeat(499)]) {
    expect(() => evaluate(text), text).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  }
})

test('IN-25: five hundred characters of anything are answered or refused, at once', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab1.e+-*/() \\"\u0000😀'), maxLength: 500 })
  fc.assert(
    fc.property(text, (anything) => {
      try {
        evaluate(anything)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' })
      }
    }),
  )
})

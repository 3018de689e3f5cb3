/**
 * Arithmetic over the terms of a query: numbers, names, `+ - * /` and parentheses. A parser of its own, because what
 * somebody types must never reach an evaluator of programs. Bounded in length by the schema and in depth here.
 */
import { DomainError } from '../kernel/errors'
import type { Formula } from './schema'

type Operator = '+' | '-' | '*' | '/'

type Node =
  | { type: 'number'; value: number }
  | { type: 'term'; name: string }
  | { type: 'negative'; of: Node }
  | { type: 'binary'; operator: Operator; left: Node; right: Node }

export interface ParsedFormula {
  /** The names that occur, in the order in which they first do. */
  names: readonly string[]
  /** `values` in the order of `names`. Null when a value is missing, and where something is divided by zero. */
  evaluate(values: readonly (number | null)[]): number | null
}

/** Deeper than anybody writes, and far from where recursion hurts. */
const DEPTH_MAX = 32

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z][A-Za-z0-9_]*)|([-+*/()]))/y

interface Token {
  kind: 'number' | 'name' | 'sign'
  text: string
  /** Counted from 1, for the person who looks for the mistake. */
  at: number
}

/** Throws `invalid_request`, saying where the expression stops making sense or which term is not there. */
export function parseFormula({ expression, terms }: Formula): ParsedFormula {
  const root = new Parser(tokenize(expression), expression).parse()
  const names = [...namesOf(root)]
  const missing = names.find((name) => !Object.hasOwn(terms, name))
  if (missing !== undefined) {
    throw refusal(`The formula names "${missing}", which is none of its terms: ${Object.keys(terms).join(', ')}.`)
  }
  const unused = Object.keys(terms).find((name) => !names.includes(name))
  if (unused !== undefined) throw refusal(`The term "${unused}" does not occur in the formula.`)
  const places = new Map(names.map((name, i) => [name, i]))
  return { names, evaluate: (values) => evaluate(root, (name) => values[places.get(name) ?? -1] ?? null) }
}

const refusal = (detail: string) =>
  new DomainError('invalid_request', detail, {
    errors: [{ pointer: '/formula/expression', code: 'invalid_formula', detail }],
  })

function tokenize(expression: string): Token[] {
  const tokens: Token[] = []
  const end = expression.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(expression)
    if (!match) throw refusal(`The formula cannot be read from character ${from + 1} on.`)
    const text = match[1] ?? match[2] ?? match[3] ?? ''
    const kind = match[1] !== undefined ? 'number' : match[2] !== undefined ? 'name' : 'sign'
    tokens.push({ kind, text, at: TOKEN.lastIndex - text.length + 1 })
  }
  return tokens
}

class Parser {
  private next = 0
  constructor(
    private readonly tokens: readonly Token[],
    private readonly expression: string,
  ) {}

  parse(): Node {
    const root = this.sum(0)
    const rest = this.tokens[this.next]
    if (rest) throw refusal(`"${rest.text}" was not expected at character ${rest.at} of the formula.`)
    return root
  }

  private sum(depth: number): Node {
    return this.chain(['+', '-'], () => this.product(depth))
  }

  private product(depth: number): Node {
    return this.chain(['*', '/'], () => this.factor(depth))
  }

  /** Left to right, as arithmetic is read: `a - b - c` is `(a - b) - c`. */
  private chain(operators: readonly Operator[], operand: () => Node): Node {
    let left = operand()
    for (;;) {
      const operator = operators.find((one) => this.accept(one))
      if (!operator) return left
      left = { type: 'binary', operator, left, right: operand() }
    }
  }

  private factor(depth: number): Node {
    if (depth > DEPTH_MAX) throw refusal(`The formula is nested more than ${DEPTH_MAX} deep.`)
    if (this.accept('-')) return { type: 'negative', of: this.factor(depth + 1) }
    if (this.accept('+')) return this.factor(depth + 1)
    if (this.accept('(')) {
      const inner = this.sum(depth + 1)
      if (!this.accept(')')) throw this.unexpected('a closing parenthesis')
      return inner
    }
    const token = this.tokens[this.next]
    if (token?.kind === 'number') {
      this.next++
      const value = Number(token.text)
      if (!Number.isFinite(value)) throw refusal(`The number ${token.text} is beyond a 64-bit float.`)
      return { type: 'number', value }
    }
    if (token?.kind === 'name') {
      this.next++
      return { type: 'term', name: token.text }
    }
    throw this.unexpected('a number, a term or a parenthesis')
  }

  private accept(sign: string): boolean {
    const token = this.tokens[this.next]
    if (token?.kind !== 'sign' || token.text !== sign) return false
    this.next++
    return true
  }

  private unexpected(wanted: string): DomainError {
    const token = this.tokens[this.next]
    const place = token
      ? `"${token.text}" stands at character ${token.at}`
      : `it ends at character ${this.expression.length}`
    return refusal(`The formula lacks ${wanted}: ${place}.`)
  }
}

function namesOf(root: Node): Set<string> {
  const names = new Set<string>()
  const waiting = [root]
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === 'term') names.add(node.name)
    if (node.type === 'negative') waiting.push(node.of)
    if (node.type === 'binary') waiting.push(node.right, node.left)
  }
  return names
}

function evaluate(node: Node, readTerm: (name: string) => number | null): number | null {
  if (node.type === 'number') return node.value
  if (node.type === 'term') return readTerm(node.name)
  if (node.type === 'negative') {
    const value = evaluate(node.of, readTerm)
    return value === null ? null : -value
  }
  const left = evaluate(node.left, readTerm)
  const right = evaluate(node.right, readTerm)
  if (left === null || right === null) return null
  switch (node.operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? null : left / right
  }
}

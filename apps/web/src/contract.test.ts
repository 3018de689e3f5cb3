import { join, resolve } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'

/**
 * The promise of the typed contract, tested by breaking it: an output field is renamed in memory, and the page that
 * shows it must stop compiling. Nothing is written to disk.
 */
const WEB = resolve(import.meta.dirname, '..')
const SCHEMA = resolve(WEB, '../../packages/api/src/dashboard/schema.ts')
/** Shows the names that `dashboard.list` answers, with no type of its own in between. */
const PAGE = join(WEB, 'src/features/shell/product-tree.tsx')

function readConfig(): ts.CompilerOptions {
  const path = join(WEB, 'tsconfig.json')
  const { config } = ts.readConfigFile(path, ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, ts.sys, WEB).options
}

function check(options: ts.CompilerOptions, edit: (schema: string) => string, before?: ts.Program) {
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  host.getSourceFile = (name, version, ...rest) => {
    if (resolve(name) === SCHEMA) return ts.createSourceFile(name, edit(ts.sys.readFile(name) ?? ''), version, true)
    // Files that did not change keep their trees from the first run.
    return before?.getSourceFile(name) ?? getSourceFile(name, version, ...rest)
  }
  const program = ts.createProgram([PAGE], options, host)
  const source = program.getSourceFile(PAGE)
  if (!source) throw new Error(`${PAGE} is gone: point this test at a page that lists dashboards`)
  const errors = program.getSemanticDiagnostics(source)
  return { program, messages: errors.map((e) => ts.flattenDiagnosticMessageText(e.messageText, '\n')) }
}

describe('the contract between server and web', () => {
  let options: ts.CompilerOptions
  beforeAll(() => {
    options = readConfig()
  })

  test('a router output that changes breaks the type check of the page that shows it', { timeout: 120_000 }, () => {
    const intact = check(options, (schema) => schema)
    expect(intact.messages).toEqual([])
    const renamed = check(
      options,
      (schema) => {
        const edited = schema.replace(/(DashboardSummary = z\.object\(\{[^}]*)\bname:/, '$1label:')
        expect(edited).not.toBe(schema)
        return edited
      },
      intact.program,
    )
    expect(renamed.messages.join('\n')).toMatch(/Property 'name' does not exist/)
  })
})

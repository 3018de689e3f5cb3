import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import type { CreateImport, ImportRun, ImportRunWithErrors } from './schema-import'

const todo = () => new DomainError('unavailable', 'Imports are not there yet.')

export async function createImport(_ctx: Context, _product: ProductScope, _input: CreateImport): Promise<ImportRun> {
  throw todo()
}
export async function getImport(_ctx: Context, _product: ProductScope, _id: string): Promise<ImportRunWithErrors> {
  throw todo()
}
export async function listImports(_ctx: Context, _product: ProductScope): Promise<ImportRun[]> {
  throw todo()
}
export async function cancelImport(_ctx: Context, _product: ProductScope, _id: string): Promise<ImportRun> {
  throw todo()
}

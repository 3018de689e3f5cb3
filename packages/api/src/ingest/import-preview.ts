import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import type { ImportPreview, PreviewImport } from './schema-import'

export async function previewImport(_ctx: Context, _p: ProductScope, _input: PreviewImport): Promise<ImportPreview> {
  throw new DomainError('unavailable', 'Imports are not there yet.')
}

import type { Context } from '../kernel/context'
import { DomainError } from '../kernel/errors'
import type { ProductScope } from '../kernel/scope'
import type { FixRejected, ListRejected, RejectedPage, ReplayedRows, ResentRow, RowChoice } from './schema-inbox'

const todo = () => new DomainError('unavailable', 'The inbox is not there yet.')

export async function countRejected(_ctx: Context, _product: ProductScope): Promise<{ count: number }> {
  throw todo()
}
export async function listRejected(_ctx: Context, _product: ProductScope, _input: ListRejected): Promise<RejectedPage> {
  throw todo()
}
export async function fixRejected(_ctx: Context, _product: ProductScope, _input: FixRejected): Promise<ResentRow> {
  throw todo()
}
export async function replayRejected(_ctx: Context, _product: ProductScope, _rows: RowChoice): Promise<ReplayedRows> {
  throw todo()
}
export async function dismissRejected(
  _ctx: Context,
  _product: ProductScope,
  _rows: RowChoice,
): Promise<{ dismissed: number }> {
  throw todo()
}

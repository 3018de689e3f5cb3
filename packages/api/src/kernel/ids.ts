import { customId } from './secrets'

/** The one table of public ids: what is named, and the prefix that tells a reader (and a log) what it is. */
export const ID_PREFIX = {
  user: 'usr',
  session: 'ses',
  team: 'team',
  product: 'prd',
  apiKey: 'key',
  dashboard: 'dsh',
  widget: 'wdg',
  report: 'rpt',
  run: 'run',
  import: 'imp',
  deletion: 'del',
  receipt: 'rcp',
  delivery: 'dlv',
  mail: 'mail',
} as const

export type IdKind = keyof typeof ID_PREFIX

/** A fresh opaque id such as `rpt_x2k…`: 20 characters of base 36 (103 bits), unguessable but not a secret. */
export function newId(kind: IdKind): string {
  return `${ID_PREFIX[kind]}_${customId(20)}`
}

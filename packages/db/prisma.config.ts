import { join } from 'node:path'
import { defineConfig } from 'prisma/config'

/** `generate` needs no database; everything else reads the address from the environment. */
const url = process.env.DATABASE_URL

export default defineConfig({
  schema: join('prisma', 'schema'),
  migrations: { path: join('prisma', 'migrations') },
  // Points and what is derived from them belong to hand-written SQL (src/points). Prisma can express neither partitions nor
  // an index that INCLUDEs a column, and would only get in the way of the rest; a test of the catalogue watches instead.
  experimental: { externalTables: true },
  tables: {
    external: [
      'point',
      'histogram',
      'point_delta',
      'rollup_day',
      'rollup_quarter',
      'dirty_quarter',
      'sketch_day',
      'point_pack',
      'cumulative_state',
      'series_alias',
      'dictionary_epoch',
    ].map((table) => `public.${table}`),
  },
  ...(url ? { datasource: { url } } : {}),
})

import { join } from 'node:path'
import { defineConfig } from 'prisma/config'

/** `generate` needs no database; everything else reads the address from the environment. */
const url = process.env.DATABASE_URL

export default defineConfig({
  schema: join('prisma', 'schema'),
  migrations: { path: join('prisma', 'migrations') },
  // `point` belongs to hand-written SQL (src/points). Prisma cannot express its primary key, which INCLUDEs the value so
  // that a scan needs the index only, nor its partitions; a test of the catalogue watches over it instead.
  experimental: { externalTables: true },
  tables: { external: ['public.point'] },
  ...(url ? { datasource: { url } } : {}),
})

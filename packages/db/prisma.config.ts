import { join } from 'node:path'
import { defineConfig } from 'prisma/config'

/** `generate` needs no database; everything else reads the address from the environment. */
const url = process.env.DATABASE_URL

export default defineConfig({
  schema: join('prisma', 'schema'),
  migrations: { path: join('prisma', 'migrations') },
  ...(url ? { datasource: { url } } : {}),
})

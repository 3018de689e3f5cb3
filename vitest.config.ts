import { defineConfig, type UserWorkspaceConfig } from 'vitest/config'

/** Projects that need the database share one server and one migrated template (packages/db/src/testing.ts). */
const DATABASE_SETUP = './packages/db/src/testing-setup.ts'

function project(name: string, root: string, options: { needsDatabase?: boolean } = {}): UserWorkspaceConfig {
  return {
    test: {
      name,
      root,
      include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
      environment: 'node',
      testTimeout: 20_000,
      hookTimeout: 60_000,
      ...(options.needsDatabase ? { globalSetup: [new URL(DATABASE_SETUP, import.meta.url).pathname] } : {}),
    },
  }
}

export default defineConfig({
  test: {
    projects: [
      project('db', './packages/db', { needsDatabase: true }),
      project('api', './packages/api', { needsDatabase: true }),
      project('ui', './packages/ui'),
      project('server', './apps/server', { needsDatabase: true }),
      project('web', './apps/web'),
    ],
  },
})

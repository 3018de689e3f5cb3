import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `pnpm dev` of apps/server listens. */
const API = process.env.TRACKABLE_API ?? 'http://127.0.0.1:8080'

/**
 * Libraries that every page needs change rarely and are cached apart from our own code. Everything else is cut by the
 * lazy routes: the charts and the grid must never reach the sign-in page.
 */
const FRAMEWORK =
  /node_modules\/(\.pnpm\/[^/]+\/node_modules\/)?(react|react-dom|scheduler|react-router|@tanstack\/[^/]+|superjson)\//

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: {
    proxy: {
      '/trpc-ws': { target: API, ws: true },
      '/trpc': API,
      '/api': API,
      '/preview': API,
    },
  },
  build: {
    target: 'es2022',
    manifest: true,
    // Small images as data: URLs would need `img-src data:` in the page's policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'framework', test: FRAMEWORK }] },
      },
    },
  },
})

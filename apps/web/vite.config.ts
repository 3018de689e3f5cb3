import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `pnpm dev` of apps/server listens. */
const API = process.env.TRACKABLE_API ?? 'http://127.0.0.1:8080'

/**
 * Three files carry what pages share; everything else is cut by the lazy routes. `framework` and `sign-in` are loaded
 * before the sign-in page, so nothing may be listed there that it does not use. `shared` joins the forty small files
 * that the pages behind it would ask for; it never holds charts, nor what only one or two pages need.
 */
const inPackage = (names: string) => new RegExp(`/node_modules/(\\.pnpm/[^/]+/node_modules/)?(${names})/`)
const FRAMEWORK = inPackage('react|react-dom|scheduler|react-router|superjson')
const SIGN_IN_PACKAGES = inPackage(
  'tailwind-merge|clsx|class-variance-authority|@radix-ui/react-slot|@radix-ui/react-compose-refs',
)
const SIGN_IN_PARTS =
  /packages\/ui\/src\/(cn|button|spinner|field|field-context|input|password-input|bare-icon-button|logo|skeleton)\.|lucide-react\/dist\/esm\/(?!icons\/)|lucide-react\/.*\/(eye|eye-off|circle-alert)\./
const SHARED_PACKAGES = inPackage('@radix-ui/[^/]+|@floating-ui/[^/]+|react-remove-scroll|aria-hidden|lucide-react')
const SHARED_PARTS = /packages\/ui\/src\/(?!charts\/|combobox|command)/

/** What a page needs of the api to draw, without the schema library beside it: forms load that when they are used. */
const DRAWING = /packages\/api\/src\/(dashboard\/(query|format|widgets\/grid)|metric\/kinds)\.ts$/
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
        codeSplitting: {
          groups: [
            { name: 'drawing', priority: 3, test: DRAWING },
            { name: 'framework', priority: 2, test: FRAMEWORK },
            { name: 'sign-in', priority: 1, test: (id) => SIGN_IN_PACKAGES.test(id) || SIGN_IN_PARTS.test(id) },
            { name: 'shared', minShareCount: 4, test: (id) => SHARED_PACKAGES.test(id) || SHARED_PARTS.test(id) },
          ],
        },
      },
    },
  },
})

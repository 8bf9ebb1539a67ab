import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { ROOT } from '#e2e/support/build.ts'
import type { Product } from './product.ts'

const OUT = join(ROOT, 'node_modules/.cache/tidemark-chaos')

/** What of the client is driven: its own modules, bundled as for a browser. */
const ENTRIES = {
  createClient: 'src/client/live/createClient.ts',
  facts: 'src/client/live/facts.ts',
  timing: 'src/client/live/timing.ts',
  makeStore: 'src/client/store/makeStore.ts',
  rows: 'src/client/store/selectors/rows.ts',
  connection: 'src/client/store/selectors/connection.ts',
}

/** Builds the production client as the page gets it, with the browser's build of Socket.IO, but without the page. Resolves to its folder. */
export async function buildProduct(): Promise<string> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    define: { __BUILD__: '"chaos"', __TEST_HOOKS__: 'false', 'process.env.NODE_ENV': '"production"', 'import.meta.hot': 'undefined' },
    build: {
      outDir: OUT,
      emptyOutDir: true,
      copyPublicDir: false,
      minify: false,
      target: 'node20',
      lib: { entry: ENTRIES, formats: ['es'], fileName: (_, name) => `${name}.mjs` },
      rolldownOptions: { output: { chunkFileNames: '[name]-[hash].mjs' } },
    },
  })
  return OUT
}

/** Loads what `buildProduct` built. The globals of a browser must be there before. */
export async function loadProduct(dir: string): Promise<Product> {
  const load = (name: keyof typeof ENTRIES) => import(pathToFileURL(join(dir, `${name}.mjs`)).href) as Promise<unknown>
  const [client, facts, timing, store, rows, connection] = await Promise.all([
    load('createClient') as Promise<Pick<Product, 'createClient'>>,
    load('facts') as Promise<Product['facts']>,
    load('timing') as Promise<{ TIMING: Product['timing'] }>,
    load('makeStore') as Promise<Pick<Product, 'makeStore'>>,
    load('rows') as Promise<Pick<Product, 'makeSelectRows'>>,
    load('connection') as Promise<Pick<Product, 'selectConnectionName'>>,
  ])
  return { ...client, facts, timing: timing.TIMING, ...store, ...rows, ...connection }
}

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import react from '@vitejs/plugin-react'
import { defaultClientMainFields, type Plugin } from 'vite'
import { type ViteUserConfig, defineConfig } from 'vitest/config'
import { compressedPages } from './src/server/http/compressedPages.ts'
import { offlineApp } from './src/server/http/offlineApp.ts'
import { tidemarkServer } from './src/server/vitePlugin.ts'

/** Inlined in the client's tests, so that they meet the builds a browser gets, which differ from Node's. */
const SOCKET_IO_CLIENT = /node_modules\/(socket|engine)\.io-(client|parser)\//

/** Tests of the client that want a page around them. What the others run in takes a quarter of the time to begin. */
const WITH_PAGE = [
  'src/client/**/*.test.tsx',
  'src/client/ui/{announcer,pastedText}.test.ts',
  'src/client/live/{browserNet,browserOperations,browserPorts,browserStorage,changes,client,farBehind,lastDrafts,lastWords,noRecovery,reconnecting,sweeping}.test.ts',
  'src/testing/browserBuild.test.ts',
]

/** One copy of it: two of different module formats don't know of each other, and React's updates then happen behind a test's back. */
const TESTING_LIBRARY = /node_modules\/@testing-library\//

export default defineConfig(({ command, mode }): ViteUserConfig => {
  const testHooks = command === 'serve' || mode === 'qa'
  const out = mode === 'qa' ? 'dist-qa' : 'dist'

  return {
    plugins: [react(), lightRouter(), lightEngine(), lightParser(), tidemarkServer(), offlineApp(), compressedPages()],
    define: {
      __BUILD__: JSON.stringify(command === 'serve' ? 'dev' : buildId()),
      __TEST_HOOKS__: JSON.stringify(testHooks),
    },
    server: {
      // Chromium, curl and Node reach 127.0.0.1 under the name localhost too; nothing is open to the network
      host: '127.0.0.1',
      port: 5173,
      strictPort: true,
      watch: { ignored: ['**/.data/**', '**/dist/**', '**/dist-qa/**', '**/test-results/**', '**/e2e/**'] },
    },
    builder: {},
    // short class names in what people download: 2 kB
    ...(command === 'build' ? { css: { modules: { generateScopedName: '[hash:base64:5]' } } } : {}),
    environments: {
      client: {
        build: {
          outDir: `${out}/client`,
          emptyOutDir: true,
          manifest: true,
          sourcemap: mode === 'qa',
          assetsInlineLimit: 0,
          // nothing to preload: one file comes first, another one later
          modulePreload: false,
          rolldownOptions: {
            treeshake: {
              propertyReadSideEffects: false,
              // its Manager is all that is used of it, and no other part of it does anything by being there
              moduleSideEffects: (id) => !id.includes('/node_modules/socket.io-client/'),
            },
            output: {
              codeSplitting: {
                groups: [
                  { name: 'app', tags: ['$initial'], priority: 1 },
                  // whoever has a part of it has all of it, also without a network
                  { name: 'later', test: /\/src\/client\/(features|routes\/(?!Welcome)|live\/api|ui\/(?!pastedText|EmojiPicker))/ },
                ],
              },
            },
          },
        },
      },
      ssr: {
        build: {
          outDir: `${out}/server`,
          emptyOutDir: true,
          copyPublicDir: false,
          ssr: true,
          sourcemap: true,
          minify: false,
          target: 'node20',
          rolldownOptions: {
            input: 'src/server/main.ts',
            // all chunks beside main.js: `new URL('../client', import.meta.url)` means the same in each of them
            output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
          },
        },
      },
    },
    test: {
      globals: false,
      // left to itself Vitest leaves one core idle: half of the time where there are two
      maxWorkers: availableParallelism(),
      retry: 0,
      allowOnly: false,
      passWithNoTests: false,
      restoreMocks: true,
      // a machine may be busy: only a test that fails waits this long
      testTimeout: 300_000,
      hookTimeout: 300_000,
      projects: [
        {
          extends: true,
          resolve: {
            // Vitest adds the condition `node`, which leads to Node's builds; the field `browser` swaps the transports
            alias: [
              {
                find: /^(socket\.io-client|engine\.io-client|socket\.io-parser)$/,
                replacement: `${import.meta.dirname}/node_modules/$1/build/esm/index.js`,
              },
              // what the server beside these tests loads is for Node
              { find: '@node-rs/argon2', replacement: `${import.meta.dirname}/node_modules/@node-rs/argon2/index.js` },
            ],
            mainFields: [...defaultClientMainFields],
          },
          test: {
            name: 'page',
            environment: 'jsdom',
            include: WITH_PAGE,
            setupFiles: ['src/testing/setupClient.ts'],
            server: { deps: { inline: [SOCKET_IO_CLIENT, TESTING_LIBRARY] } },
          },
        },
        {
          extends: true,
          test: {
            name: 'without page',
            environment: 'node',
            include: ['{src,e2e}/**/*.test.ts'],
            exclude: WITH_PAGE,
          },
        },
      ],
    },
  }
})

/**
 * The production build of React Router, which its package doesn't lead to, without what keeps its unused components alive: the names
 * they give themselves, the context of its error boundary, which only its table of routes would use, and `forwardRef`, which no bundler
 * knows to be harmless.
 */
function lightRouter(): Plugin {
  const chunk = /react-router\/dist\/production\/chunk-\w+\.mjs$/
  return {
    name: 'tidemark:light-router',
    apply: 'build',
    config: () => ({
      resolve: { alias: [{ find: /^react-router$/, replacement: `${import.meta.dirname}/node_modules/react-router/dist/production/index.mjs` }] },
    }),
    transform: {
      filter: { id: chunk },
      handler: (code) => ({
        code: code
          .replace(/^\w+\.(displayName|contextType) = .*$/gm, '')
          .replace(/(?<== )(?=React\w*\.(forwardRef|memo|createContext)\()/g, '/* @__PURE__ */ '),
        map: null,
      }),
    },
  }
}

/**
 * The client of Engine.IO without WebTransport, which the server does not speak, and with polling in a file of its own: 4 kB that few
 * would ever run.
 */
function lightEngine(): Plugin {
  return {
    name: 'tidemark:light-engine',
    apply: 'build',
    enforce: 'pre',
    resolveId: {
      filter: { id: /^socket\.io-client$/ },
      handler: (_, __, { kind }) =>
        kind === 'dynamic-import' ? `${import.meta.dirname}/node_modules/engine.io-client/build/esm/transports/polling-xhr.js` : null,
    },
    transform: {
      filter: { id: /(socket|engine)\.io-client\/build\/esm\/(transports\/)?index\.js$/ },
      handler: (code) => ({
        code: code.replace(/^(import|export) .*\b(WT|XHR|Fetch)\b.*$/gm, '').replace(/^\s*(webtransport|polling): .*$/gm, ''),
        map: null,
      }),
    },
  }
}

/** The parsers of Socket.IO and Engine.IO without attachments: nothing binary is ever said here, and what comes all the same is refused for its shape. */
function lightParser(): Plugin {
  const PARTS: Record<string, string> = {
    'is-binary': 'export const isBinary = () => false\nexport const hasBinary = () => false',
    binary: 'export const deconstructPacket = (packet) => ({ packet, buffers: [] })\nexport const reconstructPacket = (packet) => packet',
    'encodePacket.browser': `
      import { PACKET_TYPES } from './commons.js'
      export const encodePacket = ({ type, data }, _, done) => done(PACKET_TYPES[type] + (data || ''))
      export const encodePacketToBinary = () => {}`,
    'base64-arraybuffer': 'export const decode = () => new ArrayBuffer(0)',
  }
  return {
    name: 'tidemark:light-parser',
    apply: 'build',
    transform: {
      filter: {
        id: /(socket\.io-parser\/build\/esm\/(is-)?binary|engine\.io-parser\/build\/esm\/(encodePacket\.browser|contrib\/base64-arraybuffer))\.js$/,
      },
      handler: (_, id) => ({ code: PARTS[/([^/]+)\.js$/.exec(id)![1]!]!, map: null }),
    },
  }
}

/** Names one build: a client that learns of another build knows that it is old. */
function buildId(): string {
  const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }
  return `${version}-${Math.floor(Date.now() / 1000).toString(36)}`
}

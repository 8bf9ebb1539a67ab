import { readdirSync } from 'node:fs'
import { build, type Plugin } from 'vite'

const WORKER = 'src/client/offline/serviceWorker.ts'

/** Builds the service worker, `/sw.js`, which keeps every built file and everything in `public`. */
export function offlineApp(): Plugin {
  let define: Record<string, unknown> = {}
  let publicFiles: string[] = []
  let root = ''
  return {
    name: 'tidemark-offline-app',
    apply: 'build',
    applyToEnvironment: (environment) => environment.name === 'client',
    configResolved(config) {
      root = config.root
      define = config.define ?? {}
      publicFiles = readdirSync(config.publicDir)
    },
    async generateBundle(_, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => /^assets\/.*\.(js|css)$/.test(fileName))
      const entry = files.find((file) => file.type === 'chunk' && file.isEntry)
      const kept = [...files.map(({ fileName }) => fileName), ...publicFiles].map((name) => `/${name}`)
      const built = await build({
        configFile: false,
        root,
        logLevel: 'warn',
        publicDir: false,
        define: { ...define, __KEPT_FILES__: JSON.stringify(kept), __ENTRY__: JSON.stringify(`/${entry!.fileName}`) },
        build: { write: false, rolldownOptions: { input: WORKER, output: { format: 'iife', entryFileNames: 'sw.js' } } },
      })
      const [worker] = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []))
      if (worker?.type !== 'chunk') throw new Error('The service worker could not be built.')
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: worker.code })
    },
  }
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { isRunnableDevEnvironment, type Plugin } from 'vite'
import type { App } from './app.ts'

const ENTRY = '/src/server/devApp.ts'
type Entry = { openDevApp: () => Promise<App> }

/** Saving several files at once is one edit. */
const SETTLE_MS = 50
/** Clients come back this soon after an edit of the server, spread a little. */
const RETURN = { returnFromMs: 100, returnToMs: 300 } as const

/** The app that runs, kept across restarts of Vite itself: the new one must not open the data while the old one still has it. */
const keep = globalThis as { [RUNNING]?: App | undefined }
const RUNNING = Symbol.for('tidemark.dev.app')

/**
 * The server inside `vite dev`, on the same port. Edits below `src/server` or of what it shares with the client swap the app: its
 * clients reconnect, while the page, its state and the channel of hot updates stay as they are.
 */
export function tidemarkServer(): Plugin {
  let swapSoon = (): void => undefined

  return {
    name: 'tidemark-server',
    apply: 'serve',

    async configureServer(vite) {
      const http = vite.httpServer as Server | null
      const environment = vite.environments.ssr
      if (!http || !isRunnableDevEnvironment(environment)) return

      let queue = Promise.resolve()
      let timer: NodeJS.Timeout | undefined
      let mine: App | undefined
      const swap = async (): Promise<void> => {
        const old = keep[RUNNING]
        keep[RUNNING] = undefined
        await old?.close(RETURN)
        environment.runner.clearCache()
        const { openDevApp } = (await environment.runner.import(ENTRY)) as Entry
        mine = await openDevApp()
        keep[RUNNING] = mine
      }
      const enqueue = (): Promise<void> =>
        (queue = queue.then(swap).catch((error: unknown) => {
          vite.config.logger.error(
            `The server is down until its next edit: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
            { timestamp: true },
          )
        }))
      swapSoon = () => {
        clearTimeout(timer)
        timer = setTimeout(() => void enqueue(), SETTLE_MS)
      }

      await enqueue()
      http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // other upgrades are Vite's own: it ignores ours as we ignore its
        if (!keep[RUNNING]?.handleUpgrade(request, socket, head) && request.url?.startsWith('/socket.io/')) socket.destroy()
      })
      http.once('close', () => {
        clearTimeout(timer)
        // after a restart of Vite the app of its successor runs already
        if (keep[RUNNING] !== mine) return
        keep[RUNNING] = undefined
        void mine?.close(RETURN)
      })
      vite.middlewares.use((request: IncomingMessage, response: ServerResponse, next) => {
        const app = keep[RUNNING]
        if (app) {
          if (!app.handleRequest(request, response)) next()
        } else if (/^\/(api|socket\.io|health)([/?]|$)/.test(request.url ?? '')) {
          response.writeHead(503, { 'Content-Type': 'application/json' })
          response.end(JSON.stringify({ code: 'E_BUSY', message: 'The server is being reloaded.', retryAfterMs: 500 }))
        } else next()
      })
    },

    hotUpdate({ modules, type }) {
      if (this.environment.name !== 'ssr') return undefined
      // files the server does not import are none of its business
      if (type === 'update' && modules.length === 0) return undefined
      if (modules.length > 0) swapSoon()
      return []
    },
  }
}

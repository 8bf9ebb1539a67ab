import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket as TcpSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UserId } from '#protocol/ids.ts'
import type { App } from '#server/app.ts'
import { readConfig, type Config } from '#server/config.ts'
import type { Timing } from '#server/edge/timing.ts'
import { listen } from '#server/httpServer.ts'
import { makeLog } from '#server/observe/log.ts'
import { openApp } from '#server/openApp.ts'
import { signInGuest, type Guest } from './signInGuest.ts'

export type StartOptions = {
  /** Settings as they would stand in the environment. */
  env?: Record<string, string>
  timing?: Partial<Timing>
  /** Gets every line that is logged; set LOG_LEVEL for some to come. */
  onLog?: (line: Record<string, unknown>) => void
  /** Kept when the server stops. Without it a folder is made, and deleted at the end. */
  dataDir?: string
  /** 0, the default, takes a free one, which a restart keeps. */
  port?: number
}

export type TestServer = {
  /** `http://127.0.0.1:PORT`, the same over restarts. */
  readonly url: string
  readonly port: number
  readonly dataDir: string
  readonly config: Config
  /** The app that runs now; another one after a restart. */
  readonly app: App
  /** Stops for good and removes its data. Harmless when repeated. */
  stop: () => Promise<void>
  /**
   * Stops and starts again on the same port and data. `abruptly`: every connection is reset without a word, as by kill -9.
   * `whileDown` runs while nothing is listening.
   */
  restart: (how?: { abruptly?: boolean; whileDown?: () => Promise<void> }) => Promise<void>
  /** Cuts a person's connections as a failing line would. */
  kick: (user: UserId) => void
  /** Resets every TCP connection. */
  cutAll: () => void
  /** A new guest, signed in over HTTP. */
  guest: (name?: string, deviceId?: string) => Promise<Guest>
}

/** The whole server, as production runs it, on a free port of this machine with a folder of its own. */
export async function startServer(options: StartOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tidemark-')))
  const settings = readConfig({ LOG_LEVEL: 'silent', DRAIN_MS: '200', ...options.env, DATA_DIR: dataDir })
  if (!settings.ok) throw new Error(settings.mistakes.join(' '))
  const { config } = settings
  const { onLog } = options
  const log = makeLog(config.LOG_LEVEL, onLog && ((line) => onLog(JSON.parse(line) as Record<string, unknown>)))
  const lines = new Set<TcpSocket>()

  const run = async (port: number) => {
    const app = await openApp({ config, log, ...(options.timing && { timing: options.timing }) })
    const listening = await listen(app, (_request, response) => response.writeHead(404).end(), { port, host: '127.0.0.1' }).catch(
      async (error: unknown) => {
        await app.close()
        throw error
      },
    )
    listening.server.on('connection', (line: TcpSocket) => {
      lines.add(line)
      line.once('close', () => lines.delete(line))
    })
    return { app, ...listening }
  }
  const cutAll = (): void => {
    for (const line of lines) line.resetAndDestroy()
  }
  const end = async (abruptly: boolean): Promise<void> => {
    current.server.close()
    if (abruptly) cutAll()
    await current.app.close()
    current.server.closeAllConnections()
  }

  let current = await run(options.port ?? 0)
  let stopped: Promise<void> | undefined
  const { port } = current
  const url = `http://127.0.0.1:${port}`

  return {
    url,
    port,
    dataDir,
    config,
    get app() {
      return current.app
    },
    stop: () =>
      (stopped ??= (async () => {
        await end(false)
        if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
      })()),
    restart: async ({ abruptly = false, whileDown } = {}) => {
      await end(abruptly)
      await whileDown?.()
      current = await run(port)
    },
    kick: (user) => current.app.live.drop(user),
    cutAll,
    guest: (name, deviceId) => signInGuest(url, name, deviceId),
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket as TcpSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp, type App } from '#server/app.ts'
import type { Bus } from '#server/cluster/bus.ts'
import { readConfig } from '#server/config.ts'
import type { Timing } from '#server/edge/timing.ts'
import { listen } from '#server/httpServer.ts'
import { makeLog } from '#server/observe/log.ts'
import { openFileFolder } from '#server/storage/fileFolder.ts'
import type { Store } from '#server/storage/store.ts'
import { signInGuest, type Guest } from './signInGuest.ts'

export type NodeOptions = {
  /** Stays open when the node is gone, as a database does. */
  store: Store
  bus?: Bus
  timing?: Partial<Timing>
  env?: Record<string, string>
  onLog?: (line: Record<string, unknown>) => void
}

export type ServerNode = {
  readonly url: string
  readonly app: App
  guest: (name?: string, deviceId?: string) => Promise<Guest>
  /** As kill -9 looks from outside: every line is reset without a word, and nobody listens any more. */
  kill: () => Promise<void>
  /** As an operator stops it. Harmless after a kill. */
  stop: () => Promise<void>
}

/** One node on a free port, over a store and a bus of the test's own. Access tokens of one node are good on every other. */
export async function startNode({ store, bus, timing, env, onLog }: NodeOptions): Promise<ServerNode> {
  const secret = 'what every node of a test is told'
  const settings = readConfig({ LOG_LEVEL: 'silent', DRAIN_MS: '200', LIMIT_MESSAGES: '100000/100000', ...env })
  if (!settings.ok) throw new Error(settings.mistakes.join(' '))
  const { config } = settings
  const log = makeLog(config.LOG_LEVEL, onLog && ((line) => onLog(JSON.parse(line) as Record<string, unknown>)))
  const dir = await mkdtemp(join(tmpdir(), 'tidemark-files-'))
  const app = createApp({ config, secret, store, folder: openFileFolder(dir), log, ...(bus && { bus }), ...(timing && { timing }) })
  const { server, port } = await listen(app, (_request, response) => response.writeHead(404).end(), { port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${port}`
  const lines = new Set<TcpSocket>()
  server.on('connection', (line: TcpSocket) => {
    lines.add(line)
    line.once('close', () => lines.delete(line))
  })

  let ended: Promise<void> | undefined
  const end = async (abruptly: boolean): Promise<void> => {
    server.close()
    if (abruptly) for (const line of lines) line.resetAndDestroy()
    await app.close()
    server.closeAllConnections()
    await rm(dir, { recursive: true, force: true })
  }
  return {
    url,
    app,
    kill: () => (ended ??= end(true)),
    stop: () => (ended ??= end(false)),
    guest: (name, deviceId) => signInGuest(url, name, deviceId),
  }
}

/** What becomes of one use of a store; `go` does what was asked for. */
export type Fate = <T>(go: () => Promise<T>) => Promise<T>

/** The answer that a dead process gives. */
export const never = () => new Promise<never>(() => {})

/** A store whose next change or next look meets the fate a test has chosen. */
export function fatefulStore(store: Store) {
  const fates: { change?: Fate | undefined; look?: Fate | undefined } = {}
  const take = (kind: 'change' | 'look'): Fate => {
    const fate = fates[kind]
    fates[kind] = undefined
    return fate ?? ((go) => go())
  }
  return {
    store: {
      ...store,
      transact: (work) => take('change')(() => store.transact(work)),
      read: (work) => take('look')(() => store.read(work)),
    } satisfies Store,
    nextChange: (fate: Fate) => void (fates.change = fate),
    nextLook: (fate: Fate) => void (fates.look = fate),
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { DAY_MS, type Config } from './config.ts'
import type { Bus } from '#server/cluster/bus.ts'
import { openFanOut } from '#server/cluster/fanOut.ts'
import type { Core } from '#server/domain/core.ts'
import { forgetFiles } from '#server/domain/files.ts'
import { endIdleGuests } from '#server/domain/farewells.ts'
import { newId, sha256 } from '#server/edge/chance.ts'
import { makeAccessTokens } from '#server/edge/accessToken.ts'
import { knowPeers } from '#server/edge/address.ts'
import type { Edge, LiveConnections } from '#server/edge/edge.ts'
import { makeFileLinks } from '#server/edge/fileLinks.ts'
import { openPusher } from '#server/edge/pusher.ts'
import { openUploads } from '#server/edge/uploads.ts'
import { every } from '#server/edge/every.ts'
import { makeLimits } from '#server/edge/limits.ts'
import { watchLoop } from '#server/edge/loopLag.ts'
import { afterRealTime } from '#server/edge/realTime.ts'
import { makePasswords } from '#server/edge/passwords.ts'
import { makeRefreshTokens } from '#server/edge/refreshTokens.ts'
import { makeWebPush } from '#server/edge/webPush.ts'
import { TIMING, type Timing } from '#server/edge/timing.ts'
import { conversationRoutes } from '#server/http/conversationRoutes.ts'
import { deviceRoutes } from '#server/http/deviceRoutes.ts'
import { fileRoutes } from '#server/http/fileRoutes.ts'
import { healthRoutes } from '#server/http/healthRoutes.ts'
import { makeHttpApp } from '#server/http/httpApp.ts'
import { meRoutes } from '#server/http/meRoutes.ts'
import { messageRoutes } from '#server/http/messageRoutes.ts'
import { operatorRoutes } from '#server/http/operatorRoutes.ts'
import { passkeyRoutes } from '#server/http/passkeyRoutes.ts'
import { peopleRoutes } from '#server/http/peopleRoutes.ts'
import { pushRoutes } from '#server/http/pushRoutes.ts'
import { sessionRoutes } from '#server/http/sessionRoutes.ts'
import type { Log } from '#server/observe/log.ts'
import { openSockets } from '#server/socket/openSockets.ts'
import type { FileFolder } from '#server/storage/fileFolder.ts'
import type { Store } from '#server/storage/store.ts'

/** The server as a value: it listens to nothing by itself, and can be swapped for another under the same HTTP server. */
export type App = {
  /** True when the request was ours; the answer is then on its way. */
  handleRequest: (request: IncomingMessage, response: ServerResponse) => boolean
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  live: LiveConnections
  /** Says farewell to every connection, waits `DRAIN_MS` or until the last has gone, cuts the rest, and lets running requests finish. */
  close: (how?: { returnFromMs: number; returnToMs: number }) => Promise<void>
}

export type AppParts = {
  config: Config
  secret: string
  /** Stays open when the app is closed. */
  store: Store
  /** Where the files of messages are. */
  folder: FileFolder
  log: Log
  timing?: Partial<Timing>
  /** Where several nodes share a database. */
  bus?: Bus
}

const REQUESTS_FINISH_MS = 2_000

export function createApp({ config, secret, store, folder, log, timing, bus }: AppParts): App {
  const now = () => Date.now()
  const core: Core = {
    store,
    publish: (notice) => {
      ;(fanOut ?? sockets).publish(notice)
      pusher.heard(notice)
    },
    now,
    newId,
    sha256,
  }
  const edge: Edge = {
    core,
    config,
    timing: { ...TIMING, ...timing },
    log,
    tokens: makeAccessTokens({ secret, ttlMs: config.ACCESS_TOKEN_TTL_MS, now }),
    limits: makeLimits(config, now),
    peers: knowPeers(config.TRUST_PROXY),
    random: Math.random,
    after: afterRealTime,
  }
  const sockets = openSockets(edge)
  const webPush = makeWebPush({ secret, hosts: config.PUSH_HOSTS, subject: config.PUBLIC_URL })
  const pusher = openPusher(edge, webPush, sockets)
  const fanOut =
    bus &&
    openFanOut({
      ...edge,
      store,
      now,
      bus,
      tell: sockets.publish,
      failed: (error) => log.warn({ event: 'head_poll_failed', error: String(error) }, 'the database could not be asked what changed'),
    })
  const loopLag = watchLoop({ after: edge.after, monotonic: () => performance.now(), everyMs: edge.timing.LOOP_LOOK_MS })
  const stopSweeping = every(edge.after, edge.timing.GUEST_SWEEP_MS, () => {
    endIdleGuests(core, { idleMs: config.GUEST_DAYS * DAY_MS }).then(
      (ended) => ended.forEach(({ user, id }) => sockets.cut(user, id, 'SIGNED_OUT')),
      (error: unknown) => log.warn({ event: 'guests_not_ended', error: String(error) }, 'guests of long ago could not be removed'),
    )
  })
  const forget = (): void =>
    void forgetFiles(core, folder.remove).then(
      (stuck) => stuck > 0 && log.warn({ event: 'files_not_forgotten', files: stuck }, 'files that nobody can read any more could not be deleted'),
      (error: unknown) =>
        log.warn({ event: 'files_not_forgotten', error: String(error) }, 'files that nobody can read any more could not be deleted'),
    )
  forget()
  const stopForgetting = every(edge.after, edge.timing.FILE_SWEEP_MS, forget)
  let draining = false
  const httpEdge = {
    ...edge,
    passwords: makePasswords(),
    refreshTokens: makeRefreshTokens(secret),
    live: sockets,
    isDraining: () => draining,
    loopLagMs: loopLag.ms,
  }
  const http = makeHttpApp(httpEdge, {
    ...healthRoutes(httpEdge),
    ...sessionRoutes(httpEdge),
    ...meRoutes(httpEdge),
    ...passkeyRoutes(httpEdge),
    ...deviceRoutes(httpEdge),
    ...peopleRoutes(httpEdge),
    ...operatorRoutes(httpEdge),
    ...conversationRoutes(httpEdge),
    ...messageRoutes(httpEdge),
    ...pushRoutes(httpEdge, webPush),
    ...fileRoutes(httpEdge, {
      folder,
      uploads: openUploads(core, folder, config.LIMIT_FILE_BYTES),
      links: makeFileLinks({ secret, now }),
    }),
  })
  const listener = getRequestListener(http.fetch, { overrideGlobalObjects: false })

  const running = new Set<ServerResponse>()
  let closed: Promise<void> | undefined

  const close = async (how?: { returnFromMs: number; returnToMs: number }): Promise<void> => {
    draining = true
    await sockets.drain(how && { fromMs: how.returnFromMs, toMs: how.returnToMs })
    await finished(running)
    await sockets.close()
    fanOut?.close()
    loopLag.close()
    pusher.close()
    stopSweeping()
    stopForgetting()
    edge.limits.close()
  }

  return {
    handleRequest: (request, response) => {
      const path = request.url ?? ''
      if (path.startsWith('/socket.io/')) {
        sockets.handleRequest(request, response)
        return true
      }
      if (!/^\/(api|health)([/?]|$)/.test(path)) return false
      running.add(response)
      response.once('close', () => running.delete(response))
      void listener(request, response)
      return true
    },
    handleUpgrade: (request, socket, head) => {
      if (!request.url?.startsWith('/socket.io/')) return false
      sockets.handleUpgrade(request, socket, head)
      return true
    },
    live: sockets,
    close: (how) => (closed ??= close(how)),
  }
}

/** All responses are out, or enough was waited for. */
async function finished(running: ReadonlySet<ServerResponse>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, REQUESTS_FINISH_MS)))
  const all = Promise.all([...running].map((response) => new Promise((resolve) => response.once('close', resolve))))
  await Promise.race([all, enough])
  clearTimeout(timer)
}

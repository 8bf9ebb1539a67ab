import { createHash } from 'node:crypto'
import type { DeviceId, SessionId, UserId } from '#protocol/ids.ts'
import type { Bus } from '#server/cluster/bus.ts'
import { openFanOut } from '#server/cluster/fanOut.ts'
import { readConfig } from '#server/config.ts'
import type { Core, Notice } from '#server/domain/core.ts'
import type { AccessTokens } from '#server/edge/accessToken.ts'
import { knowPeers } from '#server/edge/address.ts'
import type { Edge } from '#server/edge/edge.ts'
import { makeLimits } from '#server/edge/limits.ts'
import { TIMING } from '#server/edge/timing.ts'
import { makeLog } from '#server/observe/log.ts'
import type { ChatServer } from '#server/socket/live.ts'
import { openReception } from '#server/socket/reception.ts'
import { streamOf } from '#testing/random.ts'
import type { VirtualClock } from '#testing/virtualClock.ts'
import { nodeStore, openSharedDatabase, type Accident } from './database.ts'
import type { Journal } from './journal.ts'
import { ioOver, Rooms, type Wire } from './wire.ts'

const LOG = makeLog('silent')
/** A message with this in its text makes the server's code fail, whenever it is tried. */
export const POISON = '\u2620'

export type ServerFaults = {
  nodes: number
  /** The longest a step of a transaction takes. */
  databaseLagMs: number
  /** What the bus does to a notice, each a chance in [0, 1). */
  busLoss: number
  busDoubles: number
  /** The longest a notice travels; more than the pause between two of them reorders. */
  busMs: number
  /** Life of an access token. */
  tokenMs: number
  /** Messages per second and person, and at once. */
  limit: string
}

export type ServersParts = { seed: number; clock: VirtualClock; newId: () => string; journal: Journal; faults: ServerFaults }

/** Production nodes over one database, with a bus between them that can't be relied on. */
export function openServers({ seed, clock, newId, journal, faults }: ServersParts) {
  const chance = streamOf(seed, 'servers')
  const database = openSharedDatabase(newId)
  const sha256 = (text: string | Uint8Array) => {
    if (typeof text === 'string' && text.includes(POISON)) throw new Error('poison')
    return createHash('sha256').update(text).digest('hex')
  }
  const tokens = simulatedTokens(clock.now, faults.tokenMs)
  const settings = readConfig({ LIMIT_MESSAGES: faults.limit })
  if (!settings.ok) throw new Error(settings.mistakes.join())
  const { config } = settings
  let isFull = false
  let isBusDown = false
  /** What is to happen to the next changes, whichever node makes them. */
  const accidents: Accident[] = []

  const listeners = new Set<{ node: number; hear: (notice: Notice) => void }>()
  const busOf = (node: number): Bus => ({
    publish: (notice) => {
      for (const listener of [...listeners]) {
        if (listener.node === node) continue
        const copies = isBusDown || chance() < faults.busLoss ? 0 : chance() < faults.busDoubles ? 2 : 1
        if (copies !== 1) journal.reach(copies === 0 ? 'bus lost a notice' : 'bus doubled a notice')
        for (let i = 0; i < copies; i++) {
          const copy = JSON.parse(JSON.stringify(notice)) as Notice
          clock.after(1 + chance() * faults.busMs, () => listeners.has(listener) && listener.hear(copy))
        }
      }
    },
    subscribe: (hear) => {
      const listener = { node, hear }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  })

  function openNode(index: number) {
    let life = 0
    let running: ReturnType<typeof start> | undefined
    const wires = new Set<Wire>()

    function start() {
      const mine = ++life
      const isAlive = () => mine === life
      const rooms = new Rooms()
      const store = nodeStore({
        database,
        clock,
        journal,
        lagMs: () => Math.round(chance() * faults.databaseLagMs),
        isAlive,
        accident: () => (isServing ? accidents.shift() : undefined),
        crash: () => kill(2_000),
        isFull: () => isFull,
      })
      let isServing = true
      let isDraining = false
      const after: Edge['after'] = (ms, run) => clock.after(ms, () => isAlive() && run())
      const core: Core = { store, publish: (notice) => fanOut.publish(notice), now: clock.now, newId, sha256 }
      const limits = makeLimits(config, clock.now)
      const edge: Edge = {
        core,
        config,
        timing: { ...TIMING, HOUSEKEEPING_MS: 1_000 },
        log: LOG,
        tokens,
        limits,
        peers: knowPeers([]),
        random: chance,
        after,
      }
      const reception = openReception(edge, ioOver(rooms) as unknown as ChatServer, () => isDraining)
      const fanOut = openFanOut({ ...edge, store, now: clock.now, bus: busOf(index), tell: reception.publish, failed: () => {} })
      return {
        core,
        rooms,
        reception,
        restart: () => {
          isDraining = true
          journal.reach('drain')
          reception.announceRestart({ fromMs: 500, toMs: 2_500 })
          clock.after(2_000, () => {
            if (!isAlive()) return
            for (const live of reception.connections.all()) live.socket.conn.close()
            clock.after(50, () => isAlive() && kill(1_000))
          })
        },
        stop: () => {
          isServing = false
          limits.close()
          fanOut.close()
        },
      }
    }

    /** kill -9: every line breaks, what was committed stays, nobody hears the answers. Back after `downMs`. */
    function kill(downMs: number): void {
      if (!running) return
      life++
      running.stop()
      running = undefined
      for (const wire of [...wires]) wire.cut()
      clock.after(downMs, () => {
        if (!running && !isStopped) running = start()
      })
    }

    running = start()
    return {
      kill,
      core: () => running?.core,
      drain: () => running?.restart(),
      wires,
      /** What a new connection meets. */
      door: () => running && { handshake: running.reception.handshake, connected: running.reception.connected, rooms: running.rooms },
    }
  }

  let isStopped = false
  const nodes = Array.from({ length: faults.nodes }, (_, index) => openNode(index))

  return {
    database,
    tokens,
    nodes,
    chance,
    sha256,
    /** A node that takes connections, chosen as a load balancer would. */
    someNode: () => {
      const open = nodes.filter((node) => node.door())
      return open[Math.floor(chance() * open.length)]
    },
    /** The rules of a node that is up, for what comes over HTTP. */
    core: () => nodes.find((node) => node.core())?.core(),
    expect: (accident: Accident) => void accidents.push(accident),
    forgetAccidents: () => void accidents.splice(0),
    setFull: (full: boolean) => {
      isFull = full
    },
    setBusDown: (down: boolean) => {
      isBusDown = down
    },
    restore: (newEpoch: boolean) => {
      if (!database.restore({ newEpoch })) return false
      for (const node of nodes) node.kill(500)
      return true
    },
    close: () => {
      isStopped = true
      for (const node of nodes) node.kill(0)
      database.close()
    },
  }
}
export type Servers = ReturnType<typeof openServers>

/** Access tokens without cryptography, which would take real time. */
function simulatedTokens(now: () => number, lifeMs: number) {
  const issue = (who: { user: UserId; session: SessionId; device: DeviceId; tenant: string }) => ({
    token: JSON.stringify({ ...who, issuedAt: now(), expiresAt: now() + lifeMs }),
    expiresInMs: lifeMs,
  })
  return {
    issueNow: issue,
    issue: async (who) => issue(who),
    verify: (token) => {
      if (token === '') return { ok: false, code: 'E_AUTH_INVALID' }
      const claims = JSON.parse(token) as ReturnType<typeof issue> & { user: UserId; session: SessionId; device: DeviceId; tenant: string } & {
        issuedAt: number
        expiresAt: number
      }
      return claims.expiresAt <= now() ? { ok: false, code: 'E_AUTH_EXPIRED' } : { ok: true, claims }
    },
  } satisfies AccessTokens & { issueNow: unknown }
}

import { createHash } from 'node:crypto'
import type { Action } from '@reduxjs/toolkit'
import { openEngine } from '#client/live/engine.ts'
import type { Db } from '#client/live/db.ts'
import {
  conversationOpened,
  discardRequested,
  messageWritten,
  retryRequested,
  sendRefused,
  sessionStarted,
  unsentEdited,
} from '#client/live/facts.ts'
import type { Channel, Locks, Net, SocketEvents } from '#client/live/ports.ts'
import { openStorage } from '#client/live/storage.ts'
import type { TabMessage } from '#client/live/tabs.ts'
import { TIMING } from '#client/live/timing.ts'
import { makeStore } from '#client/store/makeStore.ts'
import { REQUESTS, type PushName, type RequestName } from '#protocol/events.ts'
import { LOBBY, uuidv7, type ClientId, type ConversationId, type DeviceId, type TabId } from '#protocol/ids.ts'
import { refusal } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'
import { applyOperation } from '#server/domain/applyOperation.ts'
import { headsFor, historyPage, pull, userEventsAfter } from '#server/domain/catchUp.ts'
import type { Core, Identity, Notice } from '#server/domain/core.ts'
import { mark } from '#server/domain/marks.ts'
import { meFrom } from '#server/domain/people.ts'
import { postMessages } from '#server/domain/postMessages.ts'
import { createGuest } from '#server/domain/sessions.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { Refused, type Store } from '#server/storage/store.ts'
import { unreliableDb } from './unreliableDb.ts'
import { settle, virtualClock, type VirtualClock } from './virtualClock.ts'

/*
 * The production client engine and the production server rules in one process, under one virtual clock, with a network between them
 * that cuts, freezes and delays. Everything by chance comes from one seed.
 */

/** mulberry32: small, fast, good enough to choose faults with. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Connection = { who: Identity; events: SocketEvents; isGreeted: boolean; isFrozen: boolean; isOver: boolean; latest: number }

/** What goes wrong beside the network. Rates are chances in [0, 1). */
export type Faults = {
  /** The longest way from one side to the other. */
  travelMs: number
  /** The longest a transaction of the browser's database takes. */
  storageLagMs: number
  /** Transactions that fail at their end. */
  abortRate: number
  /** Batches that the server refuses with a reason a person may overcome. */
  refusalRate: number
}

const NO_FAULTS: Faults = { travelMs: 60, storageLagMs: 0, abortRate: 0, refusalRate: 0 }

export async function openSimulation(seed: number, faults: Faults = NO_FAULTS) {
  const chance = seededRandom(seed)
  /** Of its own, so that a fault more does not change the course of everything else. */
  const misfortune = seededRandom(seed ^ 0x5eed)
  const between = (low: number, high: number) => Math.round(low + chance() * (high - low))
  const bytes = (into: Uint8Array) => {
    for (let i = 0; i < into.length; i++) into[i] = Math.floor(chance() * 256)
  }
  /** Server work that has begun and not settled: time stands still until it has. */
  let working = 0
  const quiet = async () => {
    await settle()
    while (working > 0) {
      await new Promise((resolve) => setImmediate(resolve))
      await settle()
    }
  }
  const clock: VirtualClock = virtualClock(1_700_000_000_000, quiet)
  const newId = () => uuidv7(clock.now(), bytes)
  const store: Store = await openSqliteStore({ dir: ':memory:', newId })
  const connections = new Set<Connection>()
  const refused = new Set<ClientId>()
  let isListening = true

  const core: Core = { store, publish, now: clock.now, newId, sha256: (text) => createHash('sha256').update(text).digest('hex') }

  // ---- server -------------------------------------------------------------------------------------------------------------------

  function publish(notice: Notice): void {
    for (const connection of connections) {
      if (!connection.isGreeted) continue
      const { user } = connection.who
      if (notice.kind === 'user') {
        if (notice.user === user) push(connection, 'user:event', notice.event)
      } else if (notice.recipients.includes(user)) {
        const { kind, recipients: _, ...body } = notice
        push(connection, kind === 'log' ? 'log:events' : 'receipt:changed', body)
      }
    }
  }

  /** What travels arrives later, in order, or not at all. */
  function travel(connection: Connection, arrive: () => void): void {
    connection.latest = Math.max(connection.latest, clock.now() + between(1, faults.travelMs))
    const at = connection.latest
    clock.after(at - clock.now(), () => {
      if (!connection.isOver && !connection.isFrozen) arrive()
    })
  }

  const push = (connection: Connection, name: PushName, body: unknown) =>
    travel(connection, () => {
      connection.events.heard()
      connection.events.pushed(name, structuredClone(body))
    })

  const HANDLERS: { [N in RequestName]?: (who: Identity, request: never) => Promise<object> } = {
    'sync:heads': (who, request) => headsFor(core, who, request),
    'sync:pull': (who, request) => pull(core, who, request),
    'sync:user': (who, request) => userEventsAfter(core, who, request),
    'history:page': (who, request) => historyPage(core, who, request),
    'message:send': (who, request) => postMessages(core, who, request),
    'operation:apply': (who, request) => applyOperation(core, who, request),
    'receipt:mark': (who, request) => mark(core, who, request),
    probe: async (_, { t }: { t: number }) => ({ t, now: clock.now() }),
    'conversation:open': async () => ({}),
    'conversation:close': async () => ({}),
  }

  async function answer(connection: Connection, me: Me, name: RequestName, raw: object): Promise<object> {
    const request = REQUESTS[name].request.safeParse(raw)
    if (!request.success) return refusal('E_INVALID', { detail: name })
    try {
      if (name === 'hello:part') return { ok: true }
      if (name === 'hello') {
        connection.isGreeted = true
        const heads = await headsFor(core, connection.who, request.data as never)
        const { session, device } = connection.who
        return {
          ok: true,
          proto: 1,
          epoch: store.epoch,
          connId: newId(),
          sessionId: session,
          deviceId: device,
          now: clock.now(),
          user: me,
          isReconnection: false,
          reconnectCount: 0,
          tokenExpiresInMs: 1e9,
          limits: { maxBodyBytes: 32_768, maxBatch: 20, pageMax: 200 },
          ...heads,
        }
      }
      if (!connection.isGreeted) return refusal('E_NO_SESSION')
      // A server that is busy now and then takes one request and refuses the one before it.
      if (name === 'message:send' && chance() < 0.05) return refusal(chance() < 0.5 ? 'E_BUSY' : 'E_INTERNAL', { retryAfterMs: between(0, 500) })
      if (name === 'message:send' && misfortune() < faults.refusalRate) return refusal('E_FORBIDDEN')
      const handle = HANDLERS[name]
      return handle ? { ok: true, ...(await handle(connection.who, request.data as never)) } : refusal('E_INVALID', { detail: name })
    } catch (error) {
      if (error instanceof Refused) return refusal(error.code)
      throw error
    }
  }

  // ---- network ------------------------------------------------------------------------------------------------------------------

  function network(who: Identity, me: Me): Net {
    return {
      loopback: false,
      tryWebSocket: () => () => {},
      dial: (_, events) => {
        const connection: Connection = { who, events, isGreeted: false, isFrozen: false, isOver: false, latest: 0 }
        if (!isListening) travel(connection, () => events.failed('refused'))
        else {
          connections.add(connection)
          travel(connection, () => events.engineOpened('websocket'))
          travel(connection, () => events.connected())
        }
        return {
          request: (name, payload, answered) => {
            const sent = structuredClone(payload)
            travel(connection, () => {
              working++
              void answer(connection, me, name, sent)
                .then((reply) =>
                  travel(connection, () => {
                    events.heard()
                    answered(structuredClone(reply))
                  }),
                )
                .finally(() => working--)
            })
          },
          signal: () => {},
          bufferedBytes: () => 0,
          close: () => {
            connection.isOver = true
            connections.delete(connection)
          },
        }
      },
    }
  }

  function cut(connection: Connection): void {
    connection.isOver = true
    connections.delete(connection)
    clock.after(1, () => connection.events.lost('transport close'))
  }

  // The server's own heartbeat, so that an idle line is not silent.
  const beat = () => {
    for (const connection of connections) travel(connection, () => connection.events.heard())
    clock.after(10_000, beat)
  }
  beat()

  // ---- people -------------------------------------------------------------------------------------------------------------------

  async function person(name: string) {
    const deviceId = newId() as DeviceId
    const guest = createGuest(core, { name, device: deviceId, tokenHash: newId() })
    await quiet()
    const { user, session } = await guest
    const disk = unreliableDb(clock, {
      lagMs: () => Math.round(misfortune() * faults.storageLagMs),
      aborts: () => misfortune() < faults.abortRate,
    })
    const locks = simulatedLocks()
    const hall = simulatedChannel()
    const me: Me = { ...meFrom(user), permissions: ['message:send', 'group:create', 'invite:create'] }
    return {
      me,
      device: deviceId,
      identity: {
        user: me.id,
        tenant: user.tenant,
        session: session.id,
        device: deviceId,
        tab: newId() as TabId,
        permissions: me.permissions,
      } satisfies Identity,
      /** Somebody clears the browser's data while pages are open. */
      wipe: disk.wipe,
      tab: (over: Db = disk.db) =>
        openTab(
          me,
          { user: me.id, tenant: user.tenant, session: session.id, device: deviceId, tab: newId() as TabId, permissions: me.permissions },
          over,
          locks,
          hall(),
        ),
    }
  }

  function openTab(me: Me, who: Identity, db: Db, locks: Locks, channel: Channel<TabMessage>) {
    const page = makeStore()
    page.store.dispatch(sessionStarted({ user: me }))
    let isAlive = true
    const engine = openEngine({
      me,
      clock,
      random: { unit: chance, bytes },
      net: network(who, me),
      token: { current: () => ({ value: 't', expiresAt: Infinity, life: Infinity }), renew: async () => 'ok' },
      surroundings: { online: () => true, visible: () => true, subscribe: () => () => {} },
      storage: openStorage(
        mortal(db, () => isAlive),
        { unit: chance, bytes },
      ),
      timing: TIMING,
      locks,
      channel,
      emit: (fact: Action) => {
        if (sendRefused.match(fact)) refused.add(fact.payload.clientId)
        page.store.dispatch(fact)
      },
      storageTrouble: () => 'broken',
    })
    const stop = page.intents.subscribe(engine.handle)
    return {
      me,
      state: page.store.getState,
      look: (conv: ConversationId = LOBBY) => page.store.dispatch(conversationOpened({ conv })),
      write: (body: string, conv: ConversationId = LOBBY): ClientId => {
        const clientId = newId() as ClientId
        page.store.dispatch(messageWritten({ conv, clientId, body, sentAt: clock.now() }))
        return clientId
      },
      /** Own messages that are not in the log yet. */
      unsent: (conv: ConversationId = LOBBY) => page.store.getState().outbox.byConv[conv] ?? [],
      retry: (clientId: ClientId, conv: ConversationId = LOBBY) => page.store.dispatch(retryRequested({ conv, clientId })),
      discard: (clientId: ClientId, conv: ConversationId = LOBBY) => page.store.dispatch(discardRequested({ conv, clientId })),
      edit: (clientId: ClientId, body: string, conv: ConversationId = LOBBY) => page.store.dispatch(unsentEdited({ conv, clientId, body })),
      /** Every own message this tab shows, wherever it stands. */
      shows: (conv: ConversationId = LOBBY) => {
        const { messages, outbox } = page.store.getState()
        const timeline = messages.byConv[conv]?.messages ?? []
        return {
          clientIds: new Set([...(outbox.byConv[conv] ?? []), ...timeline].map((message) => message.clientId)),
          firstSeq: timeline[0]?.seq ?? Infinity,
        }
      },
      holdsUnsaved: engine.holdsUnsaved,
      close: () => {
        stop()
        void engine.close()
        channel.close()
      },
      /** The page is gone without a goodbye: what it had not begun to store or send it never will. */
      crash: () => {
        isAlive = false
        stop()
        void engine.close()
        channel.close()
      },
    }
  }

  return {
    clock,
    chance,
    core,
    store,
    person,
    connections: () => [...connections],
    /** Messages that some tab was told are not sent. */
    refused: refused as ReadonlySet<ClientId>,
    cut,
    freeze: (connection: Connection) => {
      connection.isFrozen = true
    },
    /** kill -9: every line breaks, what was committed stays, nobody hears the answers. */
    kill: () => {
      isListening = false
      for (const connection of [...connections]) cut(connection)
    },
    listen: () => {
      isListening = true
    },
    /** The conversation as the database has it. */
    log: async (conv: ConversationId = LOBBY) => {
      const messages = store.read((tx) => tx.messages(conv, { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 10_000, from: 'start' }))
      await quiet()
      return messages
    },
    close: () => store.close(),
  }
}

export type Simulation = Awaited<ReturnType<typeof openSimulation>>
export type SimulatedTab = ReturnType<Awaited<ReturnType<Simulation['person']>>['tab']>

/** A database that a dead page no longer reaches. */
const mortal = (db: Db, isAlive: () => boolean): Db => ({
  ...db,
  transact: (work, more) => (isAlive() ? db.transact(work, more) : new Promise(() => {})),
})

function simulatedLocks(): Locks {
  type Waiter = { taken: () => void; stolen: () => void }
  const held = new Map<string, Waiter[]>()
  const take =
    (first: boolean): Locks['hold'] =>
    (name, on) => {
      const queue = held.get(name) ?? []
      held.set(name, queue)
      if (first) {
        const holder = queue.shift()
        queue.unshift(on)
        void Promise.resolve().then(() => holder?.stolen())
      } else queue.push(on)
      if (queue[0] === on) void Promise.resolve().then(() => queue[0] === on && on.taken())
      return () => {
        const at = queue.indexOf(on)
        if (at < 0) return
        queue.splice(at, 1)
        const next = queue[0]
        if (at === 0 && next) void Promise.resolve().then(() => queue[0] === next && next.taken())
      }
    }
  return { hold: take(false), steal: take(true) }
}

function simulatedChannel() {
  const ears = new Set<{ owner: object; hear: (message: TabMessage) => void }>()
  return (): Channel<TabMessage> => {
    const owner = {}
    let isClosed = false
    return {
      post: (message) => {
        if (!isClosed) for (const ear of ears) if (ear.owner !== owner) void Promise.resolve().then(() => ear.hear(message))
      },
      subscribe: (hear) => {
        const ear = { owner, hear }
        ears.add(ear)
        return () => void ears.delete(ear)
      },
      close: () => {
        isClosed = true
      },
    }
  }
}

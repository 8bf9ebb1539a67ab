import type { Action } from '@reduxjs/toolkit'
import type { Db, DbTx } from '#client/live/db.ts'
import { openEngine } from '#client/live/engine.ts'
import { sessionStarted } from '#client/live/facts.ts'
import { GIVEN_UP_MS, TROUBLES_MAX } from '#client/live/keeping.ts'
import { openOperations } from '#client/live/operations.ts'
import type { Channel, Clock, Locks, Net, Surroundings } from '#client/live/ports.ts'
import { openStorage, type StoredConversation } from '#client/live/storage.ts'
import type { TabMessage } from '#client/live/tabs.ts'
import { TIMING } from '#client/live/timing.ts'
import { makeStore } from '#client/store/makeStore.ts'
import { REQUESTS } from '#protocol/requests.ts'
import type { ConversationId, DeviceId, SessionId, TabId, UserId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'
import { PROTOCOL } from '#protocol/version.ts'
import { streamOf } from '#testing/random.ts'
import { simulatedChannel, simulatedLocks } from '#testing/browserParts.ts'
import { memoryOfOnePage, unreliableDb } from '#testing/unreliableDb.ts'
import type { VirtualClock } from '#testing/virtualClock.ts'
import type { Journal } from './journal.ts'
import type { Servers } from './servers.ts'
import { openWire, type Wire } from './wire.ts'

export type BrowserFaults = {
  /** The longest way from one side to the other. */
  travelMs: number
  /** The longest a transaction of the browser's database takes. */
  storageLagMs: number
  /** Transactions that fail at their end, a chance in [0, 1). */
  abortRate: number
  /** The longest of the few transactions that take far longer than the others, until everything works again. */
  stallMs?: number
  /** Transactions that are reported as failed and are kept nevertheless, a chance in [0, 1), until everything works again. */
  doubtRate?: number
  /** How wrong the clock of the device is at first. */
  skewMs: number
}

/** How many transactions take far longer than the others. */
const STALLS = 0.04

export type BrowserParts = {
  seed: number
  clock: VirtualClock
  /** Of the browser. */
  name: string
  newId: () => string
  chance: () => number
  /** Of its own, so that a fault more does not change the course of everything else. */
  misfortune: () => number
  journal: Journal
  servers: Servers
  faults: BrowserFaults
  me: Me
  tenant: string
  session: SessionId
  device: DeviceId
  /** Every fact of every tab. */
  heard: (tab: Tab, fact: Action) => void
  pushed: (tab: Tab, name: string, body: unknown) => void
}

/** One browser of one person: its storage, its locks, its network, and the tabs in it. */
export function openBrowser(parts: BrowserParts) {
  const { seed, clock, journal, servers, misfortune, faults } = parts
  /** Of its own as well. */
  const mishap = streamOf(seed, `mishaps of ${parts.name}`)
  let isHealed = false
  function isStalled(): boolean {
    const stalls = !isHealed && faults.stallMs !== undefined && mishap() < STALLS
    if (stalls) journal.reach('storage stalled')
    return stalls
  }
  function isInDoubt(): boolean {
    const doubted = !isHealed && faults.doubtRate !== undefined && mishap() < faults.doubtRate
    if (doubted) {
      journal.reach('storage in doubt')
      troubleAt = clock.now()
    }
    return doubted
  }
  const disk = unreliableDb(clock, {
    lagMs: () => Math.round(misfortune() * (isStalled() ? faults.stallMs! : faults.storageLagMs)),
    aborts: () => {
      const fails = isFull || misfortune() < faults.abortRate
      if (fails) {
        journal.reach('storage aborted')
        troubleAt = clock.now()
      }
      return fails
    },
  })
  const onDisk = nothingKept()
  const locks = simulatedLocks(() => journal.reach('lock stolen'))
  const hall = simulatedChannel<TabMessage>()
  const wires = new Set<Wire>()
  const tabs = new Set<Tab>()
  /** What pages kept, also those that are closed. */
  const pages = new Set<Kept>()
  let isFull = false
  let troubleAt = -Infinity
  let hasBeenPrivate = false
  let hasNetwork = true
  let { skewMs } = faults
  let saysOnline = true
  let blocked: 'no' | 'refused' | 'swallowed' = 'no'
  let opened = 0

  function dial(tab: Tab, tabId: TabId): Net['dial'] {
    return ({ gen, token, transport }, events) => {
      if ([...tab.wires].some((wire) => !tab.left.has(wire) && wire.isOpen())) journal.violate('I14', `${tab.name} dials while it has a connection`)
      const node = hasNetwork ? servers.someNode() : undefined
      const through = transport === 'websocket' && blocked !== 'no' ? (blocked === 'refused' ? 'polling' : undefined) : transport
      if (through === 'polling') journal.reach('polling')
      if (!through) journal.reach('dial swallowed')
      const wire = openWire({
        clock,
        newId: parts.newId,
        travelMs: () => 1 + parts.chance() * faults.travelMs,
        transport: through,
        auth: {
          proto: [PROTOCOL.min, PROTOCOL.max],
          token,
          deviceId: parts.device,
          tabId,
          gen,
          dialledAt: clock.now() + skewMs,
          build: 'simulated',
        },
        events: gatedAll(tab.pulse, events),
        node: node?.door(),
        seen: (name, body, way) => {
          journal.note(`${clock.now()} ${tab.name} ${way} ${name} ${JSON.stringify(body)}`)
          if (way === 'down') parts.pushed(tab, name, body)
          else if (name === 'receipt:mark') checkMark(tab, body as { conv: ConversationId; delivered?: number })
        },
        ended: () => {
          wires.delete(wire)
          tab.wires.delete(wire)
          node?.wires.delete(wire)
        },
      })
      wires.add(wire)
      tab.wires.add(wire)
      node?.wires.add(wire)
      return {
        ...wire.client,
        request: (name, payload, answered) => {
          if (!REQUESTS[name].safeParse(payload).success) journal.violate('I14', `${tab.name} asked ${name} in a way nobody can read`)
          wire.client.request(name, payload, tab.pulse.gate(answered))
        },
        close: () => {
          tab.left.add(wire)
          wire.client.close()
        },
      }
    }
  }

  /** I12: "delivered" means that this device has it, and would have it after a reload. */
  function checkMark(tab: Tab, { conv, delivered = 0 }: { conv: ConversationId; delivered?: number }): void {
    const kept = (tab.isPrivate ? tab.kept : onDisk).seqs.get(conv) ?? 0
    if (delivered > kept) journal.violate('I12', `${tab.name} calls ${delivered} of ${conv} delivered, and ${kept} is the last it ever kept`)
  }

  function openTab({ isPrivate = false } = {}): Tab {
    hasBeenPrivate ||= isPrivate
    const pulse = openPulse()
    const { gate } = pulse
    const page = makeStore()
    const tabId = parts.newId() as TabId
    const channel = gatedChannel(hall(), pulse)
    const ears = new Set<(change: Change) => void>()
    let timers = 0
    /** Browsers let timers of a hidden page run only so often; 0 while it is to be seen. */
    let lateMs = 0
    /** Timers that are due and may not run yet. */
    const late = new Set<() => void>()
    /** A timer that came due while the page was frozen may still be cancelled before it runs. */
    function after(ms: number, run: () => void): () => void {
      timers++
      let isOver = false
      let stopLate = () => {}
      const over = () => {
        if (!isOver) timers--
        isOver = true
      }
      const stop = clock.after(
        ms,
        gate(() => {
          if (isOver) return
          if (lateMs > 0) wait()
          else due()
        }),
      )
      function wait(): void {
        const stopWaiting = clock.after(lateMs - (clock.now() % lateMs), gate(due))
        late.add(due)
        stopLate = () => {
          late.delete(due)
          stopWaiting()
        }
      }
      function due(): void {
        stopLate()
        if (isOver) return
        over()
        run()
      }
      return () => {
        over()
        stop()
        stopLate()
      }
    }
    const own: Clock = { now: () => clock.now() + skewMs, after }
    const surroundings: Surroundings = {
      online: () => saysOnline,
      visible: () => lateMs === 0,
      subscribe: (listener) => {
        ears.add(listener)
        return () => void ears.delete(listener)
      },
    }
    const random = {
      unit: parts.chance,
      bytes: (into: Uint8Array) => {
        for (let i = 0; i < into.length; i++) into[i] = Math.floor(parts.chance() * 256)
      },
    }
    const kept = nothingKept()
    pages.add(kept)
    let token: { value: string; expiresAt: number; life: number } | undefined
    const renew = () =>
      new Promise<'ok' | 'failed'>((resolve) => {
        const settle = gate(resolve)
        clock.after(1 + 2 * parts.chance() * faults.travelMs, () => {
          if (!hasNetwork || !servers.someNode()) return settle('failed')
          if (token) journal.reach('token renewed')
          const issued = servers.tokens.issueNow({ user: parts.me.id, session: parts.session, device: parts.device, tenant: parts.tenant })
          token = { value: issued.token, expiresAt: own.now() + issued.expiresInMs, life: issued.expiresInMs }
          settle('ok')
        })
      })
    const tab: Tab = {
      name: `${parts.name}.${opened++}`,
      isPrivate,
      pulse,
      kept,
      wires: new Set(),
      left: new WeakSet(),
      state: page.store.getState,
      dispatch: page.store.dispatch,
      holdsUnsaved: () => engine.holdsUnsaved(),
      timers: () => timers,
      hide: (ms) => {
        if (lateMs === ms) return
        lateMs = ms
        if (ms === 0) for (const run of [...late]) gate(run)()
        tab.hear(ms > 0 ? 'hidden' : 'visible')
      },
      hear: (change) => {
        for (const ear of [...ears]) gate(ear)(change)
      },
      end: (how) => {
        if (how === 'crash') pulse.die()
        else engine.release()
        stop()
        void engine.close()
        channel.close()
        tabs.delete(tab)
        if (how === 'crash') for (const wire of [...tab.wires]) wire.cut()
      },
    }
    page.store.dispatch(sessionStarted({ user: parts.me }))
    const engine = openEngine({
      me: parts.me,
      clock: own,
      random,
      net: {
        loopback: false,
        tryWebSocket: (answered) => {
          const answer = gate(answered)
          return clock.after(100, () => answer(hasNetwork && blocked === 'no'))
        },
        dial: dial(tab, tabId),
      },
      token: { current: () => token, renew },
      surroundings,
      storage: openStorage(
        gatedDb(watchedDb(isPrivate ? memoryOfOnePage() : disk.db, clock, kept, isPrivate ? kept : onDisk, isInDoubt), pulse),
        random,
      ),
      timing: TIMING,
      locks: gatedLocks(locks, pulse),
      channel,
      emit: (fact: Action) => {
        journal.note(`${clock.now()} ${tab.name} ${fact.type}`)
        page.store.dispatch(fact)
        parts.heard(tab, fact)
      },
      report: (error) => {
        throw error
      },
      fetchOperations: () => Promise.resolve({ openOperations }),
      storageTrouble: () => 'broken',
    })
    const stop = page.intents.subscribe(engine.handle)
    tabs.add(tab)
    return tab
  }

  const tell = (change: Change) => {
    for (const tab of [...tabs]) tab.hear(change)
  }

  return {
    me: parts.me,
    tabs: tabs as ReadonlySet<Tab>,
    wires: wires as ReadonlySet<Wire>,
    openTab,
    /** By the clock of the device. */
    now: () => clock.now() + skewMs,
    /** Somebody sets that clock, or the device does: what it measures jumps, what it waits for does not. */
    setClock: (ms: number) => {
      skewMs += ms
    },
    /** What the next page will find. */
    kept: () => openStorage(disk.kept(), { unit: () => 0, bytes: () => {} }),
    /** All that pages asked of its storage is done. */
    isIdle: disk.isIdle,
    /** Somebody clears the browser's data while pages are open. */
    wipe: () => {
      troubleAt = clock.now()
      disk.wipe()
    },
    /** Its storage takes no longer than it must, and is not in doubt any more. */
    heal: () => {
      isHealed = true
    },
    setFull: (full: boolean) => {
      isFull = full
    },
    /** Its storage failed or was deleted at that time or later. */
    hadTroubleSince: (at: number) => troubleAt >= at,
    /** It had pages with nothing but their own memory. */
    hasBeenPrivate: () => hasBeenPrivate,
    /** A page had failed so often that it kept nothing at that time. */
    hadGivenUp: (at: number) => [...pages].some((kept) => hadGivenUp(kept, at)),
    /** And so had every page that could have. */
    hadGivenUpEverywhere: (at: number) => [...tabs].every((tab) => tab.isPrivate || !tab.pulse.isAwake() || hadGivenUp(tab.kept, at)),
    block: (how: 'no' | 'refused' | 'swallowed') => {
      blocked = how
      if (how !== 'no') for (const wire of [...wires]) wire.cut()
    },
    /** `word`: what the browser says about it, which may be wrong. */
    network: (on: boolean, word: boolean) => {
      if (hasNetwork && !on) for (const wire of [...wires]) wire.cut()
      hasNetwork = on
      if (saysOnline === word) return
      saysOnline = word
      tell(word ? 'online' : 'offline')
    },
  }
}
export type Browser = ReturnType<typeof openBrowser>

type Change = Parameters<Parameters<Surroundings['subscribe']>[0]>[0]
type Page = ReturnType<typeof makeStore>['store']

/** One page, seen from outside. */
export type Tab = {
  readonly name: string
  readonly isPrivate: boolean
  readonly pulse: Pulse
  readonly kept: Kept
  readonly wires: Set<Wire>
  /** Connections it has hung up. */
  readonly left: WeakSet<Wire>
  readonly state: Page['getState']
  readonly dispatch: Page['dispatch']
  readonly holdsUnsaved: () => boolean
  /** Timers that are set. A closed page has none. */
  readonly timers: () => number
  /** Nobody sees it, and its timers run only every so many milliseconds; 0: it is seen again. */
  readonly hide: (everyMs: number) => void
  readonly hear: (change: Change) => void
  /** A crash is the end without a goodbye: what it had not begun to store or send it never will. */
  readonly end: (how: 'close' | 'crash') => void
}

export function userOf(tab: Tab): UserId {
  const { session } = tab.state()
  if (session.name !== 'signedIn') throw new Error('nobody is signed in')
  return session.user.id
}

/** Frozen, a page notices nothing until it wakes, and then everything in its order, one task after another; dead, it never does. */
function openPulse() {
  let mode: 'awake' | 'frozen' | 'waking' | 'dead' = 'awake'
  let backlog: (() => void)[] = []

  /** What one of them makes promises run comes before the next. */
  function catchUp(): void {
    if (mode !== 'waking') return
    const run = backlog.shift()
    if (!run) {
      mode = 'awake'
      return
    }
    run()
    process.nextTick(catchUp)
  }

  return {
    gate:
      <A extends unknown[]>(run: (...args: A) => void) =>
      (...args: A): void => {
        if (mode === 'awake') run(...args)
        else if (mode !== 'dead') backlog.push(() => run(...args))
      },
    isAwake: () => mode === 'awake' || mode === 'waking',
    freeze: () => {
      if (mode === 'awake' || mode === 'waking') mode = 'frozen'
    },
    wake: () => {
      if (mode !== 'frozen') return
      mode = 'waking'
      catchUp()
    },
    die: () => {
      mode = 'dead'
      backlog = []
    },
  }
}
type Pulse = ReturnType<typeof openPulse>

const gatedAll = <T extends object>(pulse: Pulse, callbacks: T): T =>
  Object.fromEntries(Object.entries(callbacks).map(([key, run]) => [key, pulse.gate(run as (...args: unknown[]) => void)])) as T

/** How far a storage ever reached in each conversation, how often in a row a page failed to keep something about one, and when last. */
type Kept = { seqs: Map<ConversationId, number>; failures: number; gaveUpAt: number }
const nothingKept = (): Kept => ({ seqs: new Map(), failures: 0, gaveUpAt: -Infinity })
const hadGivenUp = ({ gaveUpAt }: Kept, at: number): boolean => gaveUpAt > at - GIVEN_UP_MS

/** Notes what transactions kept of the log: `mine` counts for the page, `all` for whoever shares the storage. One in doubt is kept, and the page told that it failed. */
const watchedDb = (db: Db, clock: Clock, mine: Kept, all: Kept, isInDoubt: () => boolean): Db => ({
  ...db,
  transact: async (work, more) => {
    const puts: StoredConversation[] = []
    let isOfLog = false
    /** Its log itself was brought further: names and watermarks can be kept where that can't. */
    let isFurther = false
    const watched = (tx: DbTx): DbTx => ({
      ...tx,
      get: (table, key) => {
        isOfLog ||= table === 'conversations'
        return tx.get(table, key)
      },
      put: async (table, key, value) => {
        if (table === 'conversations') {
          const put = value as StoredConversation
          const held = (await tx.get(table, key)) as StoredConversation | undefined
          puts.push(put)
          isFurther ||= put.rev > 0 && held?.h !== put.h
        }
        return tx.put(table, key, value)
      },
    })
    try {
      const result = await db.transact((tx) => work(watched(tx)), more)
      for (const { conv, seq } of puts) all.seqs.set(conv, Math.max(all.seqs.get(conv) ?? 0, seq))
      if (mine !== all && isInDoubt()) throw new DOMException('nobody knows', 'AbortError')
      if (isFurther) mine.failures = 0
      return result
    } catch (error) {
      if ((isOfLog || puts.length > 0) && ++mine.failures >= TROUBLES_MAX) mine.gaveUpAt = clock.now()
      throw error
    }
  },
})

const gatedDb = (db: Db, pulse: Pulse): Db => ({
  ...db,
  transact: (work, more) =>
    new Promise((resolve, reject) => pulse.gate(() => void db.transact(work, more).then(pulse.gate(resolve), pulse.gate(reject)))()),
})

/** Who has let go hears nothing more, however long it was frozen. */
function gatedLocks(locks: Locks, pulse: Pulse): Locks {
  const through =
    (take: Locks['hold']): Locks['hold'] =>
    (name, on) => {
      let isOver = false
      const release = take(name, gatedAll(pulse, { taken: () => isOver || on.taken(), stolen: () => isOver || on.stolen() }))
      return () => {
        isOver = true
        release()
      }
    }
  return { hold: through(locks.hold), steal: through(locks.steal) }
}

const gatedChannel = (channel: Channel<TabMessage>, pulse: Pulse): Channel<TabMessage> => ({
  ...channel,
  subscribe: (listener) => channel.subscribe(pulse.gate(listener)),
})

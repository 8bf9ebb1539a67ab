import type { Action } from '@reduxjs/toolkit'
import * as z from 'zod/mini'
import type { Reply } from '#protocol/reply.ts'
import type { SearchAnswer, SearchQuery } from '#protocol/search.ts'
import { storageTrouble } from './browserDb.ts'
import type { Memory } from './browserPorts.ts'
import type { Intents } from './client.ts'
import type { Db } from './db.ts'
import { messageWritten, storageLost, unsentVanished } from './facts.ts'
import { answerTo } from './idbRequests.ts'
import { attempt } from './leftBehind.ts'
import type { Channel, Clock } from './ports.ts'
import { searchKept } from './searchKept.ts'
import type { OutboxSnapshot, Storage } from './storage.ts'
import { sweep, sweepOthers } from './sweeping.ts'
import type { TabMessage } from './tabs.ts'

export type CareParts = {
  db: Db
  memory: Memory
  user: string
  clock: Clock
  channel: Channel<TabMessage> | undefined
  intents: Intents
  emit: (fact: Action) => void
}

/** What is done for one person's storage besides using it. Not needed for the first screen, and loaded apart from it. */
export function careFor({ db, memory, user, clock, channel, intents, emit }: CareParts) {
  const tally = openTally({
    local: () => memory.local,
    user,
    clock,
    askOthers: () => channel?.post({ kind: 'outboxChanged' }),
    vanished: (count) => emit(unsentVanished({ count })),
  })
  // Not before there is something to keep: some browsers ask the person.
  const stopAsking = intents.subscribe((action) => {
    if (!messageWritten.match(action)) return
    stopAsking()
    void askToPersist().catch(() => {})
  })
  void attempt(() => sweepOthers(memory.local, user))?.catch(() => {})
  void attempt(startNewLog)?.catch(() => {})
  return {
    count: tally.count,
    makeRoom: () => makeRoom(db),
    searchKept: (storage: Storage, query: SearchQuery): Promise<Reply<SearchAnswer>> =>
      searchKept(storage, query).then(
        (answer) => ({ ok: true, ...answer }),
        (error: unknown) => {
          emit(storageLost({ reason: storageTrouble(error) }))
          return { ok: true, messages: [], until: null }
        },
      ),
    /** `letGo`: the page uses the storage no more. */
    close: async (letGo: Promise<unknown>) => {
      stopAsking()
      tally.close()
      await letGo
      // Where it can't be done now it is done by the next page.
      await attempt(() => sweep(memory.local, user))?.catch(() => {})
    },
  }
}

// ---- room ------------------------------------------------------------------------------------------------------------------------

/** More than a screen, a catch-up or a check of what was just read ever looks at. */
const KEPT_NEWEST = 200
const END = Number.MAX_SAFE_INTEGER

const Place = z.object({ conv: z.string(), seq: z.int() })

/**
 * Gives up the oldest cached history, which the server has: of each conversation all but the newest messages, from its beginning, so
 * that what stays has no hole. What was written here, drafts and cursors stay. A server that is then restored from a backup is not offered
 * again what was given up. Resolves false when there was nothing to give up.
 */
export const makeRoom = (db: Db): Promise<boolean> =>
  db.transact(async (tx) => {
    let isAny = false
    for (const row of await tx.all('conversations')) {
      const place = Place.safeParse(row)
      if (!place.success) continue
      const { conv, seq } = place.data
      const through = seq - KEPT_NEWEST
      if (through < 1) continue
      if ((await tx.range('messages', [conv, 0], [conv, through], { limit: 1 })).length === 0) continue
      await tx.deleteRange('messages', [conv, 0], [conv, through])
      await tx.deleteRange('notes', [conv, 0, 0], [conv, through, END])
      isAny = true
    }
    return isAny
  })

/**
 * Has the browser write its databases to a new file from here on.
 *
 * Chromium goes on at the end of the log that it finds. Where that ends in the middle of a write, since the power failed, all is well until
 * the log is read the next time: then what was written behind that end counts as damage, and all databases of the origin are thrown away, what
 * waits in them too (measured: Chromium 156, with `strict` durability). Deleting a database, however small, makes it begin a new log, within
 * milliseconds; the end-to-end test of a log that ends too early fails without this.
 */
async function startNewLog(): Promise<void> {
  const db = await answerTo(indexedDB.open('tidemark-newlog'))
  db.close()
  await answerTo(indexedDB.deleteDatabase('tidemark-newlog'))
}

/** Asks the browser not to throw away what waits here when others need room. Its answer changes nothing here. */
async function askToPersist(): Promise<void> {
  const { storage } = navigator as { storage?: StorageManager }
  if (storage && !(await storage.persisted())) await storage.persist()
}

// ---- count -----------------------------------------------------------------------------------------------------------------------

type TallyParts = {
  local: () => Memory['local']
  /** Whose outbox this is. */
  user: string
  clock: Clock
  /** Other tabs may hold what is missing: they look, and keep it again. */
  askOthers: () => void
  /** So many messages are gone. */
  vanished: (count: number) => void
}

/** How long other tabs may take to put back what they hold. */
const OTHERS_MS = 3_000

/** Enough of a random id to tell it from the others of one person. */
const ID_LENGTH = 12

/**
 * Keeps a short note beside the database of what waits in it, so that a database that was damaged or deleted can't take it along
 * unnoticed: ids and places, never a word. `count` hears of each state of the outbox; the first one is compared with the note.
 *
 * Ids that are merely missing prove nothing: the note may be older than the database. It is another database, or one that has gone
 * back in time, that has lost what it does not hold.
 */
export function openTally({ local, user, clock, askOthers, vanished }: TallyParts) {
  const key = `tidemark:unsent:${user}`
  let phase: 'unread' | 'doubtful' | 'counting' = 'unread'
  let latest: OutboxSnapshot
  let stop = () => {}

  function missing(): number {
    const [life, n, ...ids] = read().split(' ')
    if (life === latest.life && Number(n) <= latest.n) return 0
    const here = new Set(latest.rows.map(idOf))
    return ids.filter((id) => !here.has(id)).length
  }

  function read(): string {
    try {
      return local().getItem(key) ?? ''
    } catch {
      return ''
    }
  }

  function note(): void {
    const ids = latest.rows.filter((row) => row.state.name !== 'stored' && !row.again).map(idOf)
    try {
      if (ids.length === 0) local().removeItem(key)
      else local().setItem(key, [latest.life, latest.n, ...ids].join(' '))
    } catch {
      // Blocked or full: nothing is counted.
    }
  }

  return {
    count: (outbox: OutboxSnapshot) => {
      latest = outbox
      if (phase === 'unread') {
        phase = missing() > 0 ? 'doubtful' : 'counting'
        if (phase === 'doubtful') {
          askOthers()
          stop = clock.after(OTHERS_MS, () => {
            phase = 'counting'
            const count = missing()
            if (count > 0) vanished(count)
            note()
          })
        }
      }
      if (phase === 'counting') note()
    },
    close: () => stop(),
  }
}

const idOf = ({ clientId }: { clientId: string }): string => clientId.slice(-ID_LENGTH)

import 'fake-indexeddb/auto'
import { afterEach, describe, expect, it } from 'vitest'
import { ann, ben, clientId, conv, person, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { resetTo } from '#testing/scriptedEngine.ts'
import { openBrowserDb } from './browserDb.ts'
import type { Leaves } from './client.ts'
import type { WrittenMessage } from './facts.ts'
import { noteFormer, openFormerWords } from './formerWords.ts'
import { openStorage, type Storage } from './storage.ts'
import { LEAVES, sweep, sweepOthers } from './sweeping.ts'

let lives = 0
const random = { unit: () => ++lives / 1e6, bytes: () => {} }

/** What this browser keeps for somebody, while `work` goes on. */
async function kept<T>(user: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  const db = openBrowserDb(`tidemark:${user}`, () => {})
  const result = await work(openStorage(db, random))
  db.close()
  return result
}

/** Somebody with messages, a draft and two that wait, the first of which has gone out once. */
async function lived(user: string) {
  await kept(user, async (storage) => {
    await storage.reset(resetTo(saysFrom(1, 3)), { over: 'any past', settled: [] })
    await storage.keepDraft(conv, { text: 'half a thought' }, 1)
    const { outbox } = await storage.load()
    await storage.addOutbox([waiting(1), waiting(2)], outbox.life)
    await storage.claimOutbox([clientId(1)], 5)
  })
  for (const place of ['words', 'changes', 'drafts']) localStorage.setItem(`tidemark:${place}:${user}:1`, '{}')
  localStorage.setItem(`tidemark:unsent:${user}`, 'life 2 a b')
}

const keptOf = (user: string) =>
  kept(user, async (storage) => {
    const { conversations, drafts, outbox } = await storage.load()
    const places = Object.keys(localStorage).filter((key) => key.includes(user) && !key.startsWith(LEAVES))
    return {
      conversations: conversations.length,
      drafts: Object.values(drafts),
      waiting: outbox.rows.map((row) => row.clientId),
      places: places.sort(),
    }
  })

const leave = (user: string, leaves: Leaves) => localStorage.setItem(LEAVES + user, leaves)

afterEach(async () => {
  localStorage.clear()
  for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name!)
})

describe('what stays in a browser of somebody who signed out', () => {
  it('is nothing', async () => {
    await lived(ann)
    leave(ann, 'nothing')
    await sweep(localStorage, ann)
    expect(await keptOf(ann)).toEqual({ conversations: 0, drafts: [], waiting: [], places: [] })
    expect(localStorage.getItem(LEAVES + ann)).toBeNull()
  })

  it('is what waits to be sent or finished, where they said so: it is there when they are back, and is not counted as vanished', async () => {
    await lived(ann)
    const before = await kept(ann, (storage) => storage.outbox())
    leave(ann, 'queue')
    await sweep(localStorage, ann)
    expect(await keptOf(ann)).toEqual({
      conversations: 0,
      drafts: [{ text: 'half a thought' }],
      waiting: [clientId(1), clientId(2)],
      places: [`tidemark:changes:${ann}:1`, `tidemark:drafts:${ann}:1`, `tidemark:unsent:${ann}`, `tidemark:words:${ann}:1`].sort(),
    })
    expect(await kept(ann, (storage) => storage.outbox())).toEqual(before)
  })

  it('is everything, where they did not sign out', async () => {
    await lived(ann)
    const before = await keptOf(ann)
    await sweep(localStorage, ann)
    expect(await keptOf(ann)).toEqual(before)
  })

  it('goes with the next page where their own did not come to it, and nobody else’s goes with it', async () => {
    await lived(ann)
    await lived(ben)
    const ofBen = await keptOf(ben)
    leave(ann, 'nothing')
    leave(ben, 'nothing')
    await sweepOthers(localStorage, ben)
    expect((await keptOf(ann)).waiting).toEqual([])
    expect(await keptOf(ben)).toEqual(ofBen)
  })
})

describe('what waited under the name of a guest that is gone', () => {
  const former = (isKept: boolean, written: WrittenMessage[] = []) =>
    openFormerWords({
      local: localStorage,
      write: async (words) => {
        written.push(...words)
        return isKept
      },
    })

  it('is shown with what may have arrived, and sent under another name only when that is said, each under its own id', async () => {
    await lived(ann)
    noteFormer(localStorage, person(ann))
    const written: WrittenMessage[] = []
    const words = former(true, written)
    expect(await words.read()).toMatchObject([
      {
        user: ann,
        name: person(ann).name,
        words: [
          { clientId: clientId(1), mayHaveArrived: true },
          { clientId: clientId(2), mayHaveArrived: false },
        ],
      },
    ])
    expect(written).toEqual([])
    await words.send(ann)
    expect(written).toMatchObject([{ conv, clientId: clientId(2), body: waiting(2).body, sentAt: waiting(2).sentAt }])
    expect((await words.read())[0]?.words).toMatchObject([{ clientId: clientId(1) }])
  })

  it('stays until it is kept under the new name', async () => {
    await lived(ann)
    noteFormer(localStorage, person(ann))
    await former(false).send(ann)
    expect((await former(true).read())[0]?.words).toHaveLength(2)
  })

  it('goes for good when that is said, with all that was kept of them', async () => {
    await lived(ann)
    noteFormer(localStorage, person(ann))
    await former(true).forget(ann)
    expect(await former(true).read()).toEqual([])
    expect(await keptOf(ann)).toEqual({ conversations: 0, drafts: [], waiting: [], places: [] })
  })

  it('is asked about once where there is nothing: what was kept of them goes', async () => {
    noteFormer(localStorage, person(ann))
    expect(await former(true).read()).toEqual([])
    expect(localStorage.getItem('tidemark:former')).toBe('[]')
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chainHashFrom, linkBytes, linkOf } from '#protocol/chain.ts'
import { CHAIN_START } from '#protocol/ids.ts'
import { PULL_RESET_BEYOND } from '#protocol/limits.ts'
import type { LogEventOf } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { refusal } from '#protocol/reply.ts'
import { conv, factsOf, heard, says } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { checkAndRepair, checkConversation, type CheckParts } from './checkConversation.ts'
import { logFromStore } from './conversationLog.ts'
import { openMemoryDb } from './db.ts'

const digest = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const sha256 = async (bytes: Uint8Array) => digest(bytes)

/** A log of messages as a server hashes it. */
function logOf(bodies: string[]): LogEventOf<'new'>[] {
  let h = CHAIN_START
  return bodies.map((body, at) => {
    const event = heard(says(at + 1, undefined, { body, version: at + 1 }))
    h = chainHashFrom(digest(linkBytes(h, linkOf(event, digest(body)))))
    return { ...event, h }
  })
}

/** This device keeps `here`; the server has `there`, and shows what lies above `visibleFrom`. */
async function world(here: LogEventOf<'new'>[], there = here, { visibleFrom = 0, purged = 0 } = {}) {
  const db = openMemoryDb()
  const storage = memoryStorage(db)
  const last = here.at(-1)!
  const messages = here.map((event) => event.message)
  const facts = factsOf({ visibleFrom })
  await storage.reset({ rev: last.rev, h: last.h, seq: last.rev, messages, notes: [], marksRev: 0, facts }, { over: 'any past', settled: [] })
  const [stored] = (await storage.load()).conversations
  let isUp = true
  const head = there.length
  const pull = (from: number) => {
    if (from < purged || head - from > PULL_RESET_BEYOND) return { ok: true, reset: {} }
    return { ok: true, from, to: head, head, events: there.slice(from) }
  }
  const request = (async (name: string, payload: { from: number; at: { beforeSeq: number }; limit: number }) => {
    if (!isUp) return refusal('E_TIMEOUT')
    if (name === 'sync:pull') return pull(payload.from)
    const shown = there.map((event) => event.message).filter(({ seq }) => seq > visibleFrom && seq < payload.at.beforeSeq)
    return { ok: true, messages: shown.slice(-payload.limit), notes: [], start: true, rev: head }
  }) as CheckParts['request']
  const parts = { log: logFromStore(stored!), epoch: null, storage, request }
  return {
    parts,
    check: (more: Partial<CheckParts> = {}) => checkConversation({ ...parts, sha256, ...more }),
    loses: (from: number, to = from) => db.transact((tx) => tx.deleteRange('messages', [conv, from], [conv, to])),
    goDown: () => {
      isUp = false
    },
  }
}

const changed = (events: LogEventOf<'new'>[], at: number, change: Partial<ChatMessage>): LogEventOf<'new'>[] =>
  events.map((event, index) => (index === at ? { ...event, message: { ...event.message, ...change } } : event))

const bodies = (count: number) => Array.from({ length: count }, (_, at) => `text ${at}`)

describe('a check of a conversation against the server', () => {
  it('finds all messages as they are there, over several pages, and the chain whole', async () => {
    const { check } = await world(logOf(bodies(450)))
    expect(await check()).toEqual({ ok: true, messages: 450, differing: 0, chain: 'whole' })
  })

  it('counts messages that are other ones, have another text, or are not there', async () => {
    const here = logOf(bodies(10))
    const there = changed(changed(here, 2, { body: 'changed' }), 5, { id: here[0]!.message.id })
    expect(await (await world(here, there)).check()).toMatchObject({ differing: 2 })
    expect(await (await world(here, here.slice(0, 7))).check()).toMatchObject({ differing: 3 })
  })

  it('leaves alone what was edited there after the log kept here', async () => {
    const here = logOf(bodies(5))
    const { check } = await world(here, changed(here, 1, { body: 'edited', version: 6 }))
    expect(await check()).toMatchObject({ differing: 0 })
  })

  it('finds a text that does not belong to its hash, even where it is the same on both sides', async () => {
    const here = changed(logOf(bodies(8)), 4, { body: 'slipped in' })
    const { check } = await world(here)
    expect(await check()).toEqual({ ok: true, messages: 8, differing: 0, chain: 'broken' })
  })

  it.each([
    ['one in the middle', 51, 51, 1],
    ['many, more than a page of them', 100, 400, 301],
    ['the newest', 450, 450, 1],
    ['all but the oldest', 2, 450, 449],
  ])('counts what is missing here above something that is kept: %s', async (_, from, to, differing) => {
    const { check, loses } = await world(logOf(bodies(450)))
    await loses(from, to)
    expect(await check()).toEqual({ ok: true, messages: 450, differing, chain: 'whole' })
  })

  it('misses the newest message where nothing is kept', async () => {
    const { check, loses } = await world(logOf(bodies(100)))
    await loses(1, 100)
    expect(await check()).toMatchObject({ messages: 1, differing: 1 })
  })

  it('misses nothing at the beginning: it was never read, or given up for room', async () => {
    const { check, loses } = await world(logOf(bodies(100)))
    await loses(1, 60)
    expect(await check()).toMatchObject({ messages: 40, differing: 0 })
  })

  it('misses nothing that the server has not either', async () => {
    const here = logOf(bodies(10))
    const { check, loses } = await world(here, here.toSpliced(4, 1))
    await loses(5)
    expect(await check()).toMatchObject({ messages: 9, differing: 0 })
  })

  it('leaves alone what this person may not see any more, though some of it is still here', async () => {
    const { check, loses } = await world(logOf(bodies(30)), undefined, { visibleFrom: 20 })
    expect(await check()).toMatchObject({ messages: 10, differing: 0 })
    await loses(15, 20)
    expect(await check()).toMatchObject({ messages: 10, differing: 0 })
    const late = await world(logOf(bodies(30)), undefined, { visibleFrom: 30 })
    await late.loses(1, 30)
    expect(await late.check()).toMatchObject({ messages: 0, differing: 0 })
  })

  it.each([
    ['one line long', 1, 0],
    ['not told that far back', 8, 8],
    ['not on the server', 8, 0, 0],
  ])('does not call a log whole that is %s: no link of it was followed', async (_, count, purged, there = count) => {
    const here = logOf(bodies(count))
    expect(await (await world(here, here.slice(0, there), { purged })).check()).toMatchObject({ chain: 'unchecked' })
  })

  it('does not call a log whole whose texts are not here any more', async () => {
    const here = logOf(bodies(8)).map((event) => ({ ...event, message: { ...event.message, version: 9 } }))
    expect(await (await world(here)).check()).toMatchObject({ chain: 'unchecked' })
  })

  it('follows the newest stretch of a very long log, also while more is said', async () => {
    const there = logOf(bodies(PULL_RESET_BEYOND + 100))
    expect(await (await world(there.slice(0, -3), there)).check()).toMatchObject({ chain: 'whole' })
  })

  it('says so where the browser can not hash', async () => {
    const { check } = await world(logOf(bodies(3)))
    expect(await check({ sha256: undefined })).toMatchObject({ chain: 'unchecked' })
  })

  it('ends with the code when the server can not be asked', async () => {
    const { check, goDown } = await world(logOf(bodies(3)))
    goDown()
    expect(await check()).toEqual({ ok: false, code: 'E_TIMEOUT' })
  })

  it('says that what is kept can’t be read, and tells why once, where the storage fails', async () => {
    const { parts } = await world(logOf(bodies(3)))
    const broken = new DOMException('Internal error', 'UnknownError')
    const told: unknown[] = []
    const storage = { ...parts.storage, page: () => Promise.reject(broken) }
    const catchUp = { written: async () => {}, repair: () => {} }
    expect(await checkAndRepair({ ...parts, storage, catchUp, storageFailed: (error) => told.push(error) })).toEqual({
      ok: false,
      code: 'UNREADABLE',
    })
    expect(told).toEqual([broken])
  })
})

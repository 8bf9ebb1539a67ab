import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chainHashFrom, linkBytes, linkOf } from '#protocol/chain.ts'
import { CHAIN_START } from '#protocol/ids.ts'
import type { LogEventOf } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { refusal } from '#protocol/reply.ts'
import { factsOf, heard, says } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { checkConversation, type CheckParts } from './checkConversation.ts'
import { logFromStore } from './conversationLog.ts'

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

/** This device keeps `here`; the server has `there`. */
async function world(here: LogEventOf<'new'>[], there = here) {
  const storage = memoryStorage()
  const last = here.at(-1)!
  const messages = here.map((event) => event.message)
  await storage.reset({ rev: last.rev, h: last.h, seq: last.rev, messages, notes: [], marksRev: 0, facts: factsOf() }, { force: true, settled: [] })
  const [stored] = (await storage.load()).conversations
  let isUp = true
  const request = (async (name: string, payload: { from: number; at: { beforeSeq: number }; limit: number }) => {
    if (!isUp) return refusal('E_TIMEOUT')
    if (name === 'sync:pull') return { ok: true, from: payload.from, to: there.length, head: there.length, events: there.slice(payload.from) }
    const page = there.map((event) => event.message).filter((message) => message.seq < payload.at.beforeSeq)
    return { ok: true, messages: page.slice(-payload.limit), notes: [], start: true, rev: there.length }
  }) as CheckParts['request']
  return {
    check: (more: Partial<CheckParts> = {}) => checkConversation({ log: logFromStore(stored!), epoch: null, storage, request, sha256, ...more }),
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

  it('says so where the browser can not hash', async () => {
    const { check } = await world(logOf(bodies(3)))
    expect(await check({ sha256: undefined })).toMatchObject({ chain: 'unchecked' })
  })

  it('ends with the code when the server can not be asked', async () => {
    const { check, goDown } = await world(logOf(bodies(3)))
    goDown()
    expect(await check()).toEqual({ ok: false, code: 'E_TIMEOUT' })
  })
})

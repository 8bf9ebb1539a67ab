import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import type { ClientId, ConversationId, MessageId, UserId } from '#protocol/ids.ts'
import type { LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { openBrowserDb } from './browserDb.ts'
import { openMemoryDb, type Db } from './db.ts'
import { NOWHERE, openStorage } from './storage.ts'

const conv = 'c1' as ConversationId
const ann = 'ann' as UserId
const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const hash = (n: number) => n.toString(16).padStart(16, '0')
const facts = {
  id: conv,
  kind: 'group' as const,
  name: 'Crew',
  createdAt: 1,
  role: 'member' as const,
  delivered: 0,
  read: 0,
  visibleFrom: 0,
  memberCount: 2,
  members: [],
}

function message(seq: number, more: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id: uuid(seq) as MessageId,
    clientId: uuid(1_000 + seq) as ClientId,
    conv,
    seq,
    sender: ann,
    senderName: 'Ann',
    body: `m${seq}`,
    sentAt: 1,
    at: seq,
    version: seq,
    ...more,
  }
}
const created = (seq: number, rev = seq): LogEvent => ({
  conv,
  rev,
  h: hash(rev),
  at: seq,
  actor: ann,
  kind: 'new',
  message: message(seq, { version: rev }),
})
const edited = (seq: number, rev: number, body: string): LogEvent => ({
  conv,
  rev,
  h: hash(rev),
  at: rev,
  actor: ann,
  kind: 'edit',
  messageId: uuid(seq) as MessageId,
  seq,
  opId: uuid(9_000 + rev) as never,
  body,
})
const reset = (rev: number, messages: ChatMessage[]) => ({
  rev,
  h: hash(rev),
  seq: messages.at(-1)?.seq ?? 0,
  messages,
  notes: [],
  marksRev: 1,
  facts,
})
const written = (n: number, to = conv) => ({
  conv: to,
  clientId: uuid(n) as ClientId,
  body: `w${n}`,
  sentAt: n,
  state: { name: 'queued' as const, memory: false },
})

let names = 0
const KINDS: [string, () => Db][] = [
  ['memory', openMemoryDb],
  [
    'IndexedDB',
    () =>
      openBrowserDb(`test-${names++}`, (error) => {
        throw error
      }),
  ],
]

describe.each(KINDS)('storage on %s', (_, openDb) => {
  const start = async () => {
    const db = openDb()
    const storage = memoryStorage(db)
    await storage.keepFacts(conv, { facts })
    return { db, storage }
  }

  it('keeps events and cursor together and gives back the contiguous page', async () => {
    const { storage } = await start()
    expect(
      await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), created(2), edited(1, 3, 'better')], settled: [] }),
    ).toBe('kept')
    const { conversations } = await storage.load()
    expect(conversations[0]).toMatchObject({ rev: 3, seq: 2, h: hash(3), lastMessage: { seq: 2 } })
    const page = await storage.page(conv, 3, 10, null)
    expect(page.messages.map((each) => each.body)).toEqual(['better', 'm2'])
  })

  it('refuses events above a hole and says where it stands', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1)], settled: [] })
    const result = await storage.append({ conv, from: 4, fromH: '0000000000000000', events: [created(5)], settled: [] })
    expect(result).toMatchObject({ behind: { rev: 1 } })
    expect((await storage.load()).conversations[0]).toMatchObject({ rev: 1 })
    expect((await storage.page(conv, 9, 10, null)).messages).toEqual([])
  })

  it('takes the same events again, or older ones, without going back', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), created(2), edited(1, 3, 'better')], settled: [] })
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), created(2)], settled: [] })
    expect((await storage.load()).conversations[0]).toMatchObject({ rev: 3 })
    expect((await storage.page(conv, 3, 10, null)).messages[0]!.body).toBe('better')
  })

  it('never joins two pages over a hole', async () => {
    const { storage } = await start()
    await storage.keepPage(conv, [message(1), message(2)], [], 6)
    await storage.keepPage(conv, [message(5), message(6)], [], 6)
    const { messages, below } = await storage.page(conv, 7, 10, null)
    expect([messages.map((each) => each.seq), below]).toEqual([[5, 6], 2])
  })

  it('keeps the higher version of a message', async () => {
    const { storage } = await start()
    await storage.keepPage(conv, [message(1, { version: 7, body: 'new' })], [], 7)
    await storage.keepPage(conv, [message(1, { version: 1, body: 'old' })], [], 7)
    expect((await storage.page(conv, 2, 10, null)).messages[0]!.body).toBe('new')
  })

  it('keeps no page from before what it knows already: what changed since would never come', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), created(2), edited(1, 3, 'better')], settled: [] })
    await storage.drop(conv, [])
    await storage.reset(reset(3, [message(2)]), { over: NOWHERE, settled: [] })
    await storage.keepPage(conv, [message(1)], [], 2)
    expect((await storage.page(conv, 3, 10, null)).messages.map((each) => each.seq)).toEqual([2])
    await storage.keepPage(conv, [message(1, { version: 3, body: 'better' })], [], 3)
    expect((await storage.page(conv, 3, 10, null)).messages.map((each) => each.body)).toEqual(['better', 'm2'])
  })

  it('drops what lies below a reset, because it may have been edited meanwhile', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), created(2)], settled: [] })
    await storage.reset(reset(5_000, [message(4_000), message(4_001)]), { over: { rev: 2, h: created(2).h }, settled: [] })
    expect((await storage.page(conv, 3, 10, null)).messages).toEqual([])
    expect((await storage.load()).conversations[0]).toMatchObject({ rev: 5_000, seq: 4_001 })
  })

  it('lets no page go over what another tab has kept, where that may be of another past', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), created(2)], settled: [] })
    const other = { ...message(2), id: uuid(902) as MessageId }
    expect(await storage.reset(reset(3, [message(1), other, message(3)]), { over: NOWHERE, settled: [] })).toMatchObject({ unknown: { rev: 2 } })
    expect(await storage.reset(reset(5_000, [message(4_000)]), { over: { rev: 1, h: created(1).h }, settled: [] })).toMatchObject({
      unknown: { rev: 2 },
    })
    expect(await storage.reset({ ...reset(2, [message(1), other]), h: 'fedcba9876543210' }, { over: NOWHERE, settled: [] })).toMatchObject({
      unknown: { rev: 2 },
    })
    expect(await storage.reset(reset(1, [{ ...message(1), id: uuid(901) as MessageId }]), { over: NOWHERE, settled: [] })).toMatchObject({
      unknown: { rev: 2 },
    })
    expect(await storage.reset(reset(3, [message(1), message(2), message(3)]), { over: NOWHERE, settled: [] })).toBe('kept')
    expect((await storage.load()).conversations[0]).toMatchObject({ rev: 3 })
  })

  it('does not let a slower tab reset what another tab has brought further, unless the server began anew', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), created(2)], settled: [] })
    await storage.reset(reset(1, [message(1)]), { over: NOWHERE, settled: [] })
    expect((await storage.load()).conversations[0]).toMatchObject({ rev: 2 })
    await storage.reset(reset(1, [message(1)]), { over: 'any past', settled: [] })
    expect((await storage.load()).conversations[0]).toMatchObject({ rev: 1 })
  })

  it('keeps what was written in written order, over conversations, and drops the draft with it', async () => {
    const { storage } = await start()
    await storage.keepDraft(conv, { text: 'half a sen' }, 1)
    storage.draftSent(conv)
    const { life } = await storage.addOutbox([written(3)], null)
    await storage.addOutbox([written(1, 'c2' as ConversationId), { ...written(2), state: { name: 'saving' } }], life)
    const stored = await storage.load()
    expect(stored.outbox.rows.map((row) => row.body)).toEqual(['w3', 'w1', 'w2'])
    expect(stored.outbox.rows[2]!.state).toEqual({ name: 'queued', memory: false })
    expect(stored.drafts).toEqual({})
  })

  it('keeps a row once, however often it is handed over, and the draft of the next one', async () => {
    const { storage } = await start()
    const { life } = await storage.addOutbox([{ ...written(1), state: { name: 'saving' } }], null)
    await storage.keepDraft(conv, { text: 'the next' }, 9)
    const { rows } = await storage.addOutbox([{ ...written(1), state: { name: 'queued', memory: true } }, written(2)], life)
    expect(rows.map((row) => [row.body, row.state])).toEqual([
      ['w1', { name: 'queued', memory: false }],
      ['w2', { name: 'queued', memory: false }],
    ])
    expect((await storage.load()).drafts).toEqual({ [conv]: { text: 'the next' } })
  })

  describe('of a browser with several tabs', () => {
    /** Tabs by name over one database. Those that are `open` are known to be. */
    async function browser() {
      const { db } = await start()
      const open = new Set<string>()
      const tab = (own: string) => {
        open.add(own)
        return openStorage(db, { unit: () => 0.5, bytes: () => {} }, () => {}, { own, open: () => Promise.resolve([...open]) })
      }
      const drafts = async (own: string) => (await tab(own).load()).drafts
      return { db, tab, drafts, closes: (own: string) => void open.delete(own) }
    }

    it('keeps a draft of each: a message takes the one with it that its own tab wrote it from', async () => {
      const { tab, drafts } = await browser()
      const [a, b] = [tab('A'), tab('B')]
      await b.keepDraft(conv, { text: 'a long text' }, 0)
      await a.keepDraft(conv, { text: 'w' }, 1)
      a.draftSent(conv)
      await a.addOutbox([written(1)], null)
      expect([await drafts('A'), await drafts('B')]).toEqual([{}, { [conv]: { text: 'a long text' } }])
    })

    it('takes no draft away with a message that a page wrote which is gone', async () => {
      const { tab, drafts } = await browser()
      await tab('A').keepDraft(conv, { text: 'w' }, 1)
      await tab('A').addOutbox([{ ...written(1), found: true }], null)
      expect(await drafts('A')).toEqual({ [conv]: { text: 'w' } })
    })

    it('shows a new tab what tabs that are gone have left, the newest first, and nothing of those that are open', async () => {
      const { tab, drafts, closes } = await browser()
      await tab('A').keepDraft(conv, { text: 'older' }, 1)
      await tab('B').keepDraft(conv, { text: 'newer' }, 2)
      expect(await drafts('C')).toEqual({})
      closes('A')
      closes('B')
      expect(await drafts('C')).toEqual({ [conv]: { text: 'newer' } })
      await tab('C').keepDraft(conv, { text: '' }, 3)
      expect(await drafts('D')).toEqual({ [conv]: { text: 'older' } })
      expect(await drafts('C')).toEqual({})
    })

    it('takes what a tab that is gone had typed away with the message that another one made of it', async () => {
      const { tab, drafts, closes } = await browser()
      await tab('A').keepDraft(conv, { text: 'w' }, 0)
      closes('A')
      const b = tab('B')
      expect((await b.load()).drafts).toEqual({ [conv]: { text: 'w' } })
      b.draftSent(conv)
      await b.addOutbox([written(1)], null)
      for (const name of ['B', 'A', 'C']) expect(await drafts(name)).toEqual({})
    })

    it('takes over what a tab could not keep any more, unless it has kept something later', async () => {
      const { tab, drafts, closes } = await browser()
      await tab('A').keepDraft(conv, { text: 'half' }, 1)
      closes('A')
      const b = tab('B')
      await b.keepDraft(conv, { text: 'half a sentence' }, 2, 'A')
      await b.keepDraft(conv, { text: 'h' }, 0, 'A')
      expect(await drafts('B')).toEqual({ [conv]: { text: 'half a sentence' } })
      await b.keepDraft(conv, { text: '' }, 1, 'B')
      expect(await drafts('B')).toEqual({ [conv]: { text: 'half a sentence' } })
      await b.keepDraft(conv, { text: '' }, 2, 'B')
      expect(await drafts('B')).toEqual({})
    })

    it('forgets the drafts of all of them with the conversation', async () => {
      const { tab, drafts } = await browser()
      await tab('A').keepDraft(conv, { text: 'one' }, 1)
      await tab('B').keepDraft(conv, { text: 'two' }, 1)
      await tab('A').forget(conv)
      expect([await drafts('A'), await drafts('B')]).toEqual([{}, {}])
    })
  })

  it('adds nothing for somebody who takes it for another database, as after it was deleted', async () => {
    const { storage } = await start()
    expect(await storage.outbox()).toEqual({ life: null, n: 0, rows: [], operations: [] })
    const { life } = await storage.addOutbox([written(1)], null)
    expect((await storage.addOutbox([written(2)], life)).rows).toHaveLength(2)
    const { storage: fresh } = await start()
    expect(await fresh.addOutbox([written(3)], life)).toEqual({ life: null, n: 0, rows: [], operations: [] })
    const again = await fresh.addOutbox([written(1), written(2), written(3)], null)
    expect(again.life).not.toBe(life)
    expect(again.rows.map((row) => row.body)).toEqual(['w1', 'w2', 'w3'])
  })

  it('takes a row out of the outbox in the transaction that stores its event', async () => {
    const { storage } = await start()
    const clientId = message(1).clientId
    await storage.addOutbox([{ ...written(1), clientId }], null)
    await storage.append({ conv, from: 5, fromH: '0000000000000000', events: [created(6)], settled: [clientId] })
    expect((await storage.outbox()).rows).toHaveLength(1)
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1)], settled: [clientId] })
    expect((await storage.outbox()).rows).toEqual([])
  })

  it('takes no row out for a conversation that is no longer here: it may have been of a past that is lost', async () => {
    const { storage } = await start()
    const clientId = message(1).clientId
    await storage.addOutbox([{ ...written(1), clientId }], null)
    await storage.forget(conv)
    expect(await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1)], settled: [clientId] })).toBe('unknown')
    expect((await storage.outbox()).rows).toMatchObject([{ clientId }])
  })

  it('does not call kept what it has gone past with other messages: it is of another past', async () => {
    const { storage } = await start()
    await storage.reset(reset(4, [message(1), message(2), { ...message(3), id: uuid(903) as MessageId }]), { over: NOWHERE, settled: [] })
    expect(await storage.append({ conv, from: 2, fromH: reset(2, []).h, events: [created(3)], settled: [] })).toBe('strange')
    await storage.reset(reset(4, [message(1), message(2), message(3)]), { over: 'any past', settled: [] })
    expect(await storage.append({ conv, from: 2, fromH: reset(2, []).h, events: [created(3)], settled: [] })).toBe('kept')
  })

  it('takes no row out with a log that another tab knows to be lost, until what replaces it is here', async () => {
    const { storage } = await start()
    const clientId = message(3).clientId
    await storage.reset(reset(2, [message(1), message(2)]), { over: NOWHERE, settled: [] })
    await storage.distrust(conv)
    await storage.addOutbox([{ ...written(3), clientId, again: true }], null)
    const stale = { conv, from: 2, fromH: reset(2, []).h, events: [created(3)], settled: [clientId] }
    expect(await storage.append(stale)).toBe('strange')
    await storage.reset(reset(3, [message(2), message(3)]), { over: NOWHERE, settled: [clientId] })
    expect((await storage.outbox()).rows).toMatchObject([{ clientId }])
    await storage.reset(reset(3, [message(2), message(3)]), { over: 'any past', settled: [clientId] })
    expect((await storage.outbox()).rows).toEqual([])
  })

  it('discards what waits or was refused, and nothing that is being sent', async () => {
    const { storage } = await start()
    await storage.addOutbox([written(1), written(2), written(3)], null)
    await storage.changeOutbox([uuid(2) as ClientId], (row) => ({ ...row, state: { name: 'sending', since: 1, memory: false } }))
    await storage.changeOutbox([uuid(3) as ClientId], (row) => ({ ...row, state: { name: 'refused', code: 'E_TOO_BIG' } }))
    for (const n of [1, 2]) await storage.discardOutbox(uuid(n) as ClientId)
    expect((await storage.discardOutbox(uuid(3) as ClientId)).rows.map((row) => row.body)).toEqual(['w2'])
    expect((await storage.outbox()).rows.map((row) => row.body)).toEqual(['w2'])
  })

  it('says once and for all tabs that rows go out, and with which text; what is gone or settled is left as it is', async () => {
    const { storage } = await start()
    await storage.addOutbox([written(1), written(2), written(3)], null)
    await storage.changeOutbox([uuid(1) as ClientId], (row) => ({ ...row, body: 'better' }))
    await storage.changeOutbox([uuid(2) as ClientId], (row) => ({ ...row, state: { name: 'refused', code: 'E_TOO_BIG' } }))
    await storage.discardOutbox(uuid(3) as ClientId)
    const claimed = await storage.claimOutbox(
      [1, 2, 3].map((n) => uuid(n) as ClientId),
      77,
    )
    expect(claimed.rows).toMatchObject([
      { body: 'better', state: { name: 'sending', since: 77 } },
      { body: 'w2', state: { name: 'refused' } },
    ])
    expect(await storage.outbox()).toEqual(claimed)
  })

  it('keeps what a conversation became with the events that made it so', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1)], settled: [], facts: { ...facts, name: 'Renamed' } })
    await storage.append({ conv, from: 1, fromH: '0000000000000000', events: [created(2)], settled: [] })
    expect((await storage.load()).conversations[0]!.facts.name).toBe('Renamed')
  })

  it('never unreads what was read', async () => {
    const { storage } = await start()
    await storage.keepFacts(conv, { readWanted: 100 })
    await storage.keepFacts(conv, { readWanted: 90 })
    expect((await storage.load()).conversations[0]!.readWanted).toBe(100)
  })

  it('takes nothing for read in another past because it was read in the one before', async () => {
    const { storage } = await start()
    await storage.keepFacts(conv, { readWanted: 100 })
    await storage.reset(reset(1, [message(1)]), { over: NOWHERE, settled: [] })
    expect((await storage.load()).conversations[0]!.readWanted).toBe(100)
    await storage.reset(reset(1, [message(1)]), { over: 'any past', settled: [] })
    expect((await storage.load()).conversations[0]!.readWanted).toBe(0)
  })

  it('changes only rows that are still there', async () => {
    const { storage } = await start()
    await storage.addOutbox([written(1)], null)
    expect(await storage.changeOutbox([uuid(1) as ClientId], (row) => ({ ...row, body: 'other' }))).toBe(true)
    expect((await storage.outbox()).rows[0]).toMatchObject({ body: 'other', n: 1 })
    expect(await storage.changeOutbox([uuid(1) as ClientId], () => undefined)).toBe(false)
    await storage.removeOutbox([uuid(1) as ClientId])
    expect(await storage.changeOutbox([uuid(1) as ClientId], (row) => row)).toBe(false)
  })

  it('sets events it cannot read aside and moves on', async () => {
    const { storage } = await start()
    const strange = { conv, rev: 2, h: hash(2), kind: 'poll' }
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1), strange, created(2, 3)], settled: [] })
    expect((await storage.load()).conversations[0]).toMatchObject({ rev: 3, seq: 2 })
  })

  it('ignores rows that a damaged disk left unreadable', async () => {
    const { db, storage } = await start()
    await storage.addOutbox([written(1)], null)
    await db.transact(async (tx) => {
      await tx.put('conversations', 'broken', { conv: 'broken', rev: 'x' })
      await tx.put('outbox', 99, null)
      await tx.put('drafts', 'c9', 7)
    })
    const stored = await storage.load()
    expect(stored.conversations.map((row) => row.conv)).toEqual([conv])
    expect(stored.outbox.rows).toHaveLength(1)
    expect(stored.drafts).toEqual({})
  })

  it('forgets the old server on a new epoch, but not what was written', async () => {
    const { storage } = await start()
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [created(1)], settled: [] })
    await storage.addOutbox([written(7)], null)
    await storage.keepUser({ epoch: uuid(1) as never, urev: 9 })
    await storage.restart(uuid(2) as never)
    const stored = await storage.load()
    expect(stored).toMatchObject({ epoch: uuid(2), urev: 0, conversations: [] })
    expect(stored.outbox.rows).toHaveLength(1)
    expect((await storage.page(conv, 2, 10, null)).messages).toEqual([])
  })

  it('keeps nothing of a transaction that fails', async () => {
    const { db, storage } = await start()
    await expect(
      db.transact(async (tx) => {
        await tx.put('drafts', conv, { conv, text: 'lost' })
        throw new Error('stopped')
      }),
    ).rejects.toThrow('stopped')
    expect((await storage.load()).drafts).toEqual({})
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId, FileId } from '#protocol/ids.ts'
import { SEARCH_PAGE } from '#protocol/limits.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { SearchQuery } from '#protocol/search.ts'
import { ann, ben, conv, factsOf, messageId, NOON, otherConv, says } from '#testing/clientBuilders.ts'
import { openMemoryDb, type Db } from './db.ts'
import { searchKept } from './searchKept.ts'
import { openStorage } from './storage.ts'

const random = { unit: () => 0, bytes: () => {} }
let db: Db
beforeEach(() => {
  db = openMemoryDb()
})

async function keeps(where: ConversationId, messages: ChatMessage[], visibleFrom = 0) {
  const seq = messages.at(-1)?.seq ?? 0
  const row = {
    conv: where,
    rev: seq,
    seq,
    h: '0000000000000000',
    marksRev: 0,
    lastMessage: null,
    readWanted: 0,
    facts: factsOf({ id: where, visibleFrom }),
  }
  await db.transact(async (tx) => {
    await tx.put('conversations', where, row)
    for (const message of messages) await tx.put('messages', [where, message.seq], { ...message, conv: where })
  })
}
const finds = async (q: string, more: Partial<SearchQuery> = {}) =>
  (await searchKept(openStorage(db, random), { q, ...more })).messages.map(({ body }) => body)

describe('what this browser keeps', () => {
  it('is searched as the server would, in all conversations, the newest first', async () => {
    await keeps(conv, [says(1, ann, { body: 'The Boat' }), says(2, ben, { body: 'no' }), says(4, ben, { body: 'boats, at sea' })])
    await keeps(otherConv, [says(3, ben, { id: messageId(30), body: 'which boat?' })])
    expect(await finds('boat')).toEqual(['boats, at sea', 'which boat?', 'The Boat'])
    expect(await finds('boat ')).toEqual(['which boat?', 'The Boat'])
    expect(await finds('boat', { in: otherConv })).toEqual(['which boat?'])
    expect(await finds('boat', { from: ann })).toEqual(['The Boat'])
    expect(await finds('boat', { after: NOON + 3 * 60_000, before: NOON + 4 * 60_000 })).toEqual(['which boat?'])
    expect(await finds('ship')).toEqual([])
  })

  it('is searched for files by their names, and for whatever has some', async () => {
    const files = [{ id: '0f000000-0000-7000-8000-000000000001' as FileId, name: 'Boat plan.pdf', type: 'application/pdf', size: 9 }]
    await keeps(conv, [says(1, ann, { body: 'my boat' }), says(2, ben, { body: 'here', files })])
    expect(await finds('boat')).toEqual(['here', 'my boat'])
    expect(await finds('boat', { has: 'file' })).toEqual(['here'])
    expect(await finds('', { has: 'file' })).toEqual(['here'])
  })

  it('is searched across holes, down to where the person may look, and shows nothing that was deleted', async () => {
    const messages = [1, 2, 600, 1_300].map((seq) => says(seq, ben, { body: `boat ${seq}` }))
    await keeps(conv, [...messages, says(1_301, ben, { body: 'boat 1301', deletedAt: NOON })], 1)
    expect(await finds('boat')).toEqual(['boat 1300', 'boat 600', 'boat 2'])
  })

  it('comes in pages, as the server’s answers do', async () => {
    await keeps(
      conv,
      Array.from({ length: 1_200 }, (_, n) => says(n + 1, ben, { body: `boat ${n}` })),
    )
    const storage = openStorage(db, random)
    const first = await searchKept(storage, { q: 'boat' })
    expect(first.messages.map(({ body }) => body)).toEqual(Array.from({ length: SEARCH_PAGE }, (_, n) => `boat ${1_199 - n}`))
    const second = await searchKept(storage, { q: 'boat', until: first.until! })
    expect(second.messages[0]!.body).toBe(`boat ${1_199 - SEARCH_PAGE}`)
    expect((await searchKept(storage, { q: '"boat 7"' })).until).toBeNull()
  })
})

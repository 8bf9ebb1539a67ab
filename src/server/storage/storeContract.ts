import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CHAIN_START,
  type ClientId,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type OperationId,
  type SessionId,
  type TabId,
  type UserId,
  type PictureId,
} from '#protocol/ids.ts'
import type { LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { termsOf } from '#protocol/search.ts'
import type { ConversationRow, PasskeyRow, SearchScope, Store, Tx, UserRow } from './store.ts'

/** Opens the same store again, with whatever was stored before; the first time an empty one. */
export type OpenStore = () => Promise<Store>

const AT = 1_767_225_600_000
const uuid = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
const conv = 'c1' as ConversationId
const ann = 'ann' as UserId
const bob = 'bob' as UserId
const device = uuid(900) as DeviceId

const user = (id: UserId, more?: Partial<UserRow>): UserRow => ({
  id,
  tenant: 't',
  name: id.toUpperCase(),
  login: null,
  contact: 'anyone',
  receipts: 'shown',
  picture: null,
  bannedAt: null,
  deletedAt: null,
  createdAt: AT,
  lastLoginAt: AT,
  lastSeenAt: null,
  ...more,
})
const conversation = (id: ConversationId, more?: Partial<ConversationRow>): ConversationRow => ({
  id,
  tenant: 't',
  kind: 'group',
  name: 'Trees',
  createdAt: AT,
  rev: 0,
  seq: 0,
  h: CHAIN_START,
  picture: null,
  floorRev: 0,
  marksRev: 0,
  changedAt: AT,
  ...more,
})
const member = (of: ConversationId, id: UserId) => ({
  conv: of,
  user: id,
  role: 'member' as const,
  joinedRev: 0,
  visibleFrom: 0,
  leftRev: null,
  delivered: 0,
  read: 0,
  isAsked: false,
})

/** A hash of 16 digits that tells its rev. */
const hash = (rev: number) => rev.toString(16).padStart(16, '0')

/** Appends one message to the log, as the rules do; answers its numbers, or undefined for a client id that is known. */
async function append(tx: Tx, clientId: ClientId, more: Partial<ChatMessage> = {}): Promise<{ rev: number; seq: number } | undefined> {
  const { rev, seq } = (await tx.lockConversation(conv))!
  const message: ChatMessage = {
    id: uuid(10_000 + rev + 1) as MessageId,
    clientId,
    conv,
    seq: seq + 1,
    sender: ann,
    senderName: 'ANN',
    body: `text ${rev + 1}`,
    sentAt: AT,
    at: AT,
    version: rev + 1,
    ...more,
  }
  if (!(await tx.insertMessage(message, { bodyHash: 'b', h: hash(rev + 1) }))) return undefined
  await tx.updateConversation(conv, { rev: rev + 1, seq: seq + 1, h: hash(rev + 1) })
  return { rev: rev + 1, seq: seq + 1 }
}

async function appendOther(
  tx: Tx,
  make: (base: { conv: ConversationId; rev: number; h: string; at: number; actor: UserId }, seq: number) => Exclude<LogEvent, { kind: 'new' }>,
) {
  const { rev, seq } = (await tx.lockConversation(conv))!
  await tx.appendEvent(make({ conv, rev: rev + 1, h: hash(rev + 1), at: AT, actor: ann }, seq), seq)
  await tx.updateConversation(conv, { rev: rev + 1, h: hash(rev + 1) })
}

const note = (tx: Tx, name: string) => appendOther(tx, (base, seq) => ({ ...base, kind: 'meta', afterSeq: seq, name }))

/** What every engine has to do. `fresh` is called for every test and answers how to open, and open again, the store of that test. */
export function describeStore(name: string, fresh: () => Promise<OpenStore>): void {
  describe(`${name} as a store`, () => {
    let open: OpenStore
    let store: Store
    let ids = 0
    const clientId = () => uuid(++ids) as ClientId

    beforeEach(async () => {
      open = await fresh()
      store = await open()
      await store.transact(async (tx) => {
        for (const id of [ann, bob]) await tx.insertUser(user(id))
        await tx.insertConversation(conversation(conv))
        for (const id of [ann, bob]) await tx.insertMember(member(conv, id))
      })
    })
    afterEach(() => store.close())

    const log = () => store.read((tx) => tx.events(conv, 0, 10_000))

    describe('transactions', () => {
      it('numbers events and messages without a hole, whatever fails in between', async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 300 }, (_, i) =>
            store.transact(async (tx) => {
              if (i % 7 === 0) await note(tx, `name ${i}`)
              await append(tx, clientId())
              if (i % 5 === 0) throw new Error('changed my mind')
              if (i % 3 === 0) await append(tx, clientId())
            }),
          ),
        )
        expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(60)
        const events = await log()
        expect(events.map((event) => event.rev)).toEqual(events.map((_, i) => i + 1))
        const seqs = events.flatMap((event) => ('message' in event ? [event.message.seq] : []))
        expect(seqs).toEqual(seqs.map((_, i) => i + 1))
        expect(await store.read((tx) => tx.conversation(conv))).toMatchObject({ rev: events.length, seq: seqs.length })
      })

      it('undoes a transaction that throws, and no other that shared its commit', async () => {
        const outcomes = await Promise.allSettled([
          store.transact((tx) => append(tx, clientId(), { body: 'first' })),
          store.transact(async (tx) => {
            await append(tx, clientId(), { body: 'undone' })
            throw new Error('no')
          }),
          store.transact((tx) => append(tx, clientId(), { body: 'second' })),
        ])
        expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect((await log()).map((event) => ('message' in event ? event.message.body : ''))).toEqual(['first', 'second'])
      })

      it('hands on what the work threw', async () => {
        const reason = new Error('a rule said no')
        await expect(store.transact(() => Promise.reject(reason))).rejects.toBe(reason)
      })

      it('undoes a transaction that breaks a constraint, and works on', async () => {
        await expect(store.transact((tx) => tx.insertUser(user(ann)))).rejects.toThrow(/unique|duplicate/i)
        expect(await store.transact((tx) => append(tx, clientId()))).toEqual({ rev: 1, seq: 1 })
      })

      it('shares commits between transactions that arrive together', async () => {
        const before = store.stats()
        await Promise.all(Array.from({ length: 50 }, () => store.transact((tx) => append(tx, clientId()))))
        const after = store.stats()
        expect(after.transactions - before.transactions).toBe(50)
        expect(after.commits - before.commits).toBeLessThan(10)
      })

      it('shows readers nothing that is not committed', async () => {
        const seen: number[] = []
        const reading: Promise<unknown>[] = []
        const read = () => void reading.push(store.read(async (tx) => void seen.push((await tx.conversation(conv))!.rev)))
        const writing = Array.from({ length: 10 }, (_, i) =>
          store.transact(async (tx) => {
            await append(tx, clientId())
            read()
            await append(tx, clientId())
            if (i % 2 === 1) throw new Error('undone')
          }),
        )
        await Promise.allSettled(writing)
        await Promise.all(reading)
        expect(seen.length).toBeGreaterThanOrEqual(10) // a work may run again
        for (const rev of seen) expect(rev).toBe(10)
      })

      it('resolves them in the order of their numbers', async () => {
        const resolved: number[] = []
        await Promise.all(Array.from({ length: 20 }, () => store.transact((tx) => append(tx, clientId())).then((place) => resolved.push(place!.rev))))
        expect(resolved).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
      })

      it('keeps everything over a close, and the epoch with it', async () => {
        await store.transact((tx) => append(tx, clientId(), { body: 'kept' }))
        const { epoch } = store
        await store.close()
        store = await open()
        expect(store.epoch).toBe(epoch)
        expect((await log()).map((event) => ('message' in event ? event.message.body : ''))).toEqual(['kept'])
      })

      it('finishes what was asked before the close, and accepts nothing after it', async () => {
        const place = store.transact((tx) => append(tx, clientId()))
        const closed = store.close()
        await expect(place).resolves.toEqual({ rev: 1, seq: 1 })
        await closed
        await expect(store.transact((tx) => append(tx, clientId()))).rejects.toMatchObject({ reason: 'broken' })
        store = await open()
      })

      it('says that it can write', async () => {
        await expect(store.check()).resolves.toBeUndefined()
      })
    })

    describe('messages', () => {
      it('stores a client id of a sender once', async () => {
        const id = clientId()
        expect(await store.transact((tx) => append(tx, id, { body: 'once' }))).toEqual({ rev: 1, seq: 1 })
        expect(await store.transact((tx) => append(tx, id, { body: 'twice' }))).toBeUndefined()
        expect(await store.transact((tx) => append(tx, id, { body: 'by another', sender: bob }))).toEqual({ rev: 2, seq: 2 })
        expect(await store.read((tx) => tx.messageByClientId(ann, id))).toMatchObject({
          message: { body: 'once' },
          rev: 1,
          h: hash(1),
          bodyHash: 'b',
        })
      })

      it('gives a message back as it was stored, with the name its sender has now', async () => {
        await store.transact((tx) => append(tx, clientId(), { body: 'line\nbreak ⚓ "q"', sentAt: 5, replyTo: uuid(7) as MessageId }))
        await store.transact((tx) => tx.updateUser(ann, { name: 'Anna' }))
        const [message] = await store.read((tx) => tx.messages(conv, { after: 0, before: 9, limit: 9, from: 'start' }))
        expect(message).toEqual({
          id: uuid(10_001),
          clientId: uuid(ids),
          conv,
          seq: 1,
          sender: ann,
          senderName: 'Anna',
          body: 'line\nbreak ⚓ "q"',
          sentAt: 5,
          at: AT,
          version: 1,
          replyTo: uuid(7),
        })
        expect(await store.read((tx) => tx.message(message!.id))).toEqual(message)
      })

      it('pages from either end, ascending', async () => {
        for (let i = 0; i < 9; i++) await store.transact((tx) => append(tx, clientId()))
        const seqs = (range: Parameters<Tx['messages']>[1]) =>
          store.read(async (tx) => (await tx.messages(conv, range)).map((message) => message.seq))
        expect(await seqs({ after: 0, before: 10, limit: 3, from: 'end' })).toEqual([7, 8, 9])
        expect(await seqs({ after: 0, before: 7, limit: 3, from: 'end' })).toEqual([4, 5, 6])
        expect(await seqs({ after: 2, before: 5, limit: 9, from: 'end' })).toEqual([3, 4])
        expect(await seqs({ after: 2, before: 10, limit: 3, from: 'start' })).toEqual([3, 4, 5])
        expect(await seqs({ after: 9, before: 10, limit: 3, from: 'start' })).toEqual([])
      })

      it('keeps the newest state of a message, and no text once it is deleted', async () => {
        await store.transact((tx) => append(tx, clientId(), { body: 'first' }))
        const message = (await store.read((tx) => tx.message(uuid(10_001) as MessageId)))!
        const about = { messageId: message.id, seq: 1, opId: uuid(5) as OperationId }
        await store.transact(async (tx) => {
          await appendOther(tx, (base) => ({ ...base, kind: 'edit', ...about, body: 'second' }))
          await tx.updateMessage({ ...message, version: 2, body: 'second', editedAt: AT, reactions: { '👍': [bob] } })
        })
        expect(await store.read((tx) => tx.message(message.id))).toEqual({
          ...message,
          version: 2,
          body: 'second',
          editedAt: AT,
          reactions: { '👍': [bob] },
        })
        await store.transact((tx) => tx.updateMessage({ ...message, version: 3, body: '', deletedAt: AT }))
        expect(JSON.stringify(await log())).not.toMatch(/first|second/)
        expect((await log())[1]).toMatchObject({ kind: 'edit', body: '' })
      })
    })

    describe('the log', () => {
      it('reads on from any rev, messages and other events in one order', async () => {
        await store.transact(async (tx) => {
          await note(tx, 'a')
          await append(tx, clientId())
          await append(tx, clientId())
          await note(tx, 'b')
          await note(tx, 'c')
          await append(tx, clientId())
          await appendOther(tx, (base) => ({
            ...base,
            kind: 'react',
            messageId: uuid(10_002) as MessageId,
            seq: 1,
            opId: uuid(1) as OperationId,
            emoji: '👍',
          }))
        })
        const all = await log()
        expect(all.map((event) => event.kind)).toEqual(['meta', 'new', 'new', 'meta', 'meta', 'new', 'react'])
        for (let after = 0; after <= all.length; after++) {
          expect(await store.read((tx) => tx.events(conv, after, 100))).toEqual(all.slice(after))
          expect(await store.read((tx) => tx.events(conv, after, 2))).toEqual(all.slice(after, after + 2))
        }
        for (const { rev } of all) expect(await store.read((tx) => tx.hashAt(conv, rev))).toBe(hash(rev))
        expect(await store.read((tx) => tx.hashAt(conv, all.length + 1))).toBeUndefined()
        expect(await store.read((tx) => tx.hashAt(conv, 0))).toBeUndefined()
      })

      it('finds notes by the message they follow', async () => {
        await store.transact(async (tx) => {
          await note(tx, 'zero')
          await append(tx, clientId())
          await note(tx, 'one')
          await appendOther(tx, (base) => ({
            ...base,
            kind: 'react',
            messageId: uuid(10_002) as MessageId,
            seq: 1,
            opId: uuid(1) as OperationId,
            emoji: '👍',
          }))
          await append(tx, clientId())
          await note(tx, 'two')
        })
        const names = (from: number, to: number) =>
          store.read(async (tx) => (await tx.notes(conv, from, to)).map((each) => 'name' in each && each.name))
        expect(await names(0, 2)).toEqual(['zero', 'one', 'two'])
        expect(await names(1, 1)).toEqual(['one'])
        expect(await names(3, 9)).toEqual([])
      })

      it('forgets what is purged but the client ids, and reads on from there', async () => {
        const purged = clientId()
        await store.transact(async (tx) => {
          await note(tx, 'gone')
          await append(tx, clientId())
          await append(tx, purged)
          await append(tx, clientId())
          await note(tx, 'stays')
          await append(tx, clientId())
          await tx.purge(conv, 2)
          await tx.purge(conv, 1)
        })
        expect(await store.read((tx) => tx.conversation(conv))).toMatchObject({ rev: 6, seq: 4, floorRev: 3 })
        const stays = await store.read((tx) => tx.events(conv, 3, 100))
        expect(stays.map((event) => event.rev)).toEqual([4, 5, 6])
        expect(await store.read((tx) => tx.events(conv, 5, 100))).toEqual(stays.slice(2))
        for (const rev of [1, 2, 3, 4, 5, 6]) expect(await store.read((tx) => tx.hashAt(conv, rev)), `${rev}`).toBe(hash(rev))
        expect(await store.read((tx) => tx.tombstone(ann, purged))).toEqual({ conv, id: uuid(10_003), seq: 2, rev: 3, at: AT })
        expect(await store.read((tx) => tx.messageByClientId(ann, purged))).toBeUndefined()
        expect(await store.transact((tx) => append(tx, purged))).toBeUndefined()
      })

      it('finds messages by their words, the last stored first, and each by what it says now', async () => {
        const other = 'c_1' as ConversationId
        const looked = async (text: string, more: Partial<SearchScope> = {}) =>
          (await store.read((tx) => tx.search(termsOf(text), { reader: ann, convs: [conv], limit: 10, ...more }))).map(({ seq }) => seq)
        const [one, two] = [clientId(), clientId()]
        await store.transact(async (tx) => {
          await append(tx, one, { body: 'Über den Fluss', at: AT })
          await append(tx, two, { body: 'the river and the sea', sender: bob, at: AT + 1 })
          await append(tx, clientId(), { body: 'the seaside', at: AT + 2 })
        })
        expect(await looked('sea')).toEqual([3, 2])
        expect(await looked('sea ')).toEqual([2])
        expect(await looked('"the sea"')).toEqual([2])
        expect(await looked('uber fluß')).toEqual([])
        expect(await looked('ÜBER')).toEqual([1])
        expect(await looked('the', { sender: bob })).toEqual([2])
        expect(await looked('the', { before: AT + 2 })).toEqual([2])
        expect(await looked('the', { after: AT + 2 })).toEqual([3])
        expect(await looked('the', { limit: 1 })).toEqual([3])
        const [newest] = await store.read((tx) => tx.search(termsOf('the'), { reader: ann, convs: [conv], limit: 1 }))
        expect(await looked('the', { until: newest!.id })).toEqual([2])
        await store.transact((tx) => tx.insertMember({ ...member(conv, bob), visibleFrom: 2 }))
        expect(await looked('the', { reader: bob })).toEqual([3])
        await store.transact((tx) => tx.updateMember(conv, bob, { leftRev: 9 }))
        expect(await looked('the', { reader: bob })).toEqual([])
        expect(await looked('the', { convs: [other, 'c' as ConversationId] })).toEqual([])
        expect(await looked('the', { convs: [] })).toEqual([])

        const change = async (sender: UserId, id: ClientId, next: Partial<ChatMessage>) =>
          store.transact(async (tx) => tx.updateMessage({ ...(await tx.messageByClientId(sender, id))!.message, ...next }))
        await change(bob, two, { body: 'a lake', version: 4, editedAt: AT })
        await change(bob, two, { version: 5, reactions: { '👍': [ann] } })
        await change(ann, one, { body: '', version: 6, deletedAt: AT })
        expect(await looked('the', { until: uuid(10_002) as MessageId })).toEqual([])
        await store.close()
        store = await open()
        expect([await looked('river'), await looked('lake'), await looked('fluss')]).toEqual([[], [2], []])
        await store.transact((tx) => tx.purge(conv, 2))
        expect([await looked('lake'), await looked('seaside')]).toEqual([[], [3]])
      })

      it('remembers the answers of operations per person', async () => {
        const op = uuid(3) as OperationId
        await store.transact((tx) => tx.recordOperation(ann, op, { rev: 8 }, AT))
        expect(await store.read((tx) => tx.operation(ann, op))).toEqual({ rev: 8 })
        expect(await store.read((tx) => tx.operation(bob, op))).toBeUndefined()
      })
    })

    describe('members', () => {
      it('are those who have not left', async () => {
        const cy = 'cy' as UserId
        await store.transact(async (tx) => {
          await tx.insertUser(user(cy, { login: 'cy' }))
          await tx.insertMember({ ...member(conv, cy), joinedRev: 3, visibleFrom: 2 })
          await tx.updateMember(conv, bob, { leftRev: 4 })
        })
        await store.read(async (tx) => {
          expect([...(await tx.memberIds(conv))].toSorted()).toEqual([ann, cy])
          expect(await tx.memberCount(conv)).toBe(2)
          expect(await tx.membership(conv, bob)).toBeUndefined()
          expect(await tx.membership(conv, cy)).toEqual({
            ...member(conv, cy),
            isMuted: false,
            readShown: 0,
            joinedRev: 3,
            visibleFrom: 2,
            person: { id: cy, name: 'CY', isGuest: false },
          })
          expect((await tx.members(conv, 1)).map((each) => each.user)).toEqual([ann])
          expect(await tx.memberIdsNotSeeing(conv, 2)).toEqual([cy])
          expect(await tx.memberIdsNotSeeing(conv, 3)).toEqual([])
          expect(await tx.conversationsOf(bob)).toEqual([])
          expect(await tx.shareConversation(ann, cy)).toBe(true)
          expect(await tx.shareConversation(ann, bob)).toBe(false)
        })
      })

      it('may come back, to a new beginning', async () => {
        await store.transact(async (tx) => {
          await tx.updateMember(conv, bob, { leftRev: 1, delivered: 5, read: 5, readShown: 2, role: 'owner', isMuted: true })
          await tx.insertMember({ ...member(conv, bob), joinedRev: 7, visibleFrom: 4, delivered: 4, read: 4 })
        })
        expect(await store.read((tx) => tx.membership(conv, bob))).toMatchObject({
          role: 'member',
          isMuted: true,
          joinedRev: 7,
          visibleFrom: 4,
          leftRev: null,
          delivered: 4,
          read: 4,
          readShown: 4,
        })
        expect(await store.read((tx) => tx.memberIds(conv))).toHaveLength(2)
        expect(await store.read((tx) => tx.memberCount(conv))).toBe(2)
      })

      it('have their conversations listed with the one that changed last first', async () => {
        const other = 'c2' as ConversationId
        await store.transact(async (tx) => {
          await tx.insertConversation(conversation(other, { changedAt: AT + 1, tenant: 'elsewhere' }))
          await tx.insertMember({ ...member(other, ann), read: 3 })
        })
        const mine = await store.read((tx) => tx.conversationsOf(ann))
        expect(mine.map((each) => each.conversation.id)).toEqual([other, conv])
        expect(mine[0]).toEqual({
          conversation: conversation(other, { changedAt: AT + 1, tenant: 'elsewhere' }),
          membership: { ...member(other, ann), isMuted: false, read: 3, readShown: 3 },
        })
        await store.transact((tx) => tx.updateConversation(conv, { changedAt: AT + 2, name: 'Woods', marksRev: 4 }))
        expect((await store.read((tx) => tx.conversationsOf(ann)))[0]).toMatchObject({ conversation: { id: conv, name: 'Woods', marksRev: 4 } })
      })
    })

    describe('conversations that changed', () => {
      it('are found by the moment of their last change', async () => {
        await store.transact(async (tx) => {
          await tx.updateConversation(conv, { rev: 7, h: '00000000000000aa', changedAt: 5_000 })
        })
        expect(await store.read((tx) => tx.headsChangedSince(5_001))).toEqual([])
        expect(await store.read((tx) => tx.headsChangedSince(5_000))).toEqual([{ conv, rev: 7, h: '00000000000000aa' }])
      })
    })

    describe('direct conversations', () => {
      it('are one per pair, whoever opens them', async () => {
        const opened = await Promise.all([
          store.transact((tx) => tx.insertConversation(conversation('d1' as ConversationId, { kind: 'direct' }), [ann, bob])),
          store.transact((tx) => tx.insertConversation(conversation('d2' as ConversationId, { kind: 'direct' }), [bob, ann])),
        ])
        expect(opened).toEqual([true, false])
        const found = await store.read(async (tx) => [await tx.directBetween(ann, bob), await tx.directBetween(bob, ann)])
        expect(found.map((each) => each?.id)).toEqual(['d1', 'd1'])
        expect(await store.read((tx) => tx.conversation('d2' as ConversationId))).toBeUndefined()
      })

      it('never confuse two pairs whose ids look alike when joined', async () => {
        const pairs = [
          ['user_1', '23'],
          ['user', '1_23'],
          ['user_1_2', '3'],
        ] as [UserId, UserId][]
        await store.transact(async (tx) => {
          for (const [i, pair] of pairs.entries()) {
            for (const id of pair) await tx.insertUser(user(id))
            await tx.insertConversation(conversation(`p${i}` as ConversationId, { kind: 'direct' }), pair)
          }
        })
        for (const [i, [a, b]] of pairs.entries()) expect((await store.read((tx) => tx.directBetween(b, a)))?.id).toBe(`p${i}`)
      })
    })

    describe('people and sessions', () => {
      const id = uuid(50) as SessionId
      const session = {
        id,
        user: ann,
        deviceId: device,
        label: 'Firefox on Linux',
        createdAt: AT,
        lastSeenAt: AT,
        expiresAt: AT + 10,
        revokedAt: null,
      }

      it('keeps a person, their tenant included', async () => {
        expect(await store.read((tx) => tx.user(ann))).toEqual(user(ann))
        await store.transact((tx) => tx.updateUser(ann, { lastSeenAt: AT + 1, lastLoginAt: AT + 2 }))
        expect(await store.read((tx) => tx.user(ann))).toEqual(user(ann, { lastSeenAt: AT + 1, lastLoginAt: AT + 2 }))
        expect(await store.read((tx) => tx.user('nobody' as UserId))).toBeUndefined()
      })

      it('finds whoever registered by their login, which is theirs alone in their tenant', async () => {
        await store.transact((tx) => tx.updateUser(ann, { login: 'ann' }))
        expect(await store.read((tx) => tx.userByLogin('t', 'ann'))).toEqual(user(ann, { login: 'ann' }))
        expect(await store.read((tx) => tx.userByLogin('u', 'ann'))).toBeUndefined()
        await expect(store.transact((tx) => tx.updateUser(bob, { login: 'ann' }))).rejects.toThrow(/unique|duplicate/i)
        await store.transact((tx) => tx.insertUser(user('cy' as UserId, { tenant: 'u', login: 'ann' })))
      })

      it('keeps what lets somebody choose a new password, until it is used', async () => {
        const row = { codeHash: 'c', user: ann, expiresAt: AT + 9 }
        await store.transact((tx) => tx.insertPasswordReset(row))
        expect(await store.read((tx) => tx.passwordReset('c'))).toEqual({ user: ann, expiresAt: AT + 9 })
        await store.transact((tx) => tx.deletePasswordResets(ann))
        expect(await store.read((tx) => tx.passwordReset('c'))).toBeUndefined()
      })

      it('keeps one picture of a group, beside those of people, and lets it go with the next one', async () => {
        const pictureId = (n: number) => uuid(n) as PictureId
        const shown = async () => (await store.read((tx) => tx.conversation(conv)))?.picture
        const jpegs = (...ids: number[]) => store.read((tx) => Promise.all(ids.map((n) => tx.picture(pictureId(n)))))
        expect(await shown()).toBeNull()
        await store.transact((tx) => tx.setPicture(ann, { id: pictureId(1), jpeg: 'of Ann' }))
        for (const n of [2, 3]) await store.transact((tx) => tx.setGroupPicture(conv, { id: pictureId(n), jpeg: `of the group ${n}` }))
        expect(await shown()).toBe(pictureId(3))
        expect(await jpegs(1, 2, 3)).toEqual(['of Ann', undefined, 'of the group 3'])
        await store.transact((tx) => tx.setGroupPicture(conv, null))
        expect([await shown(), await jpegs(1, 3)]).toEqual([null, ['of Ann', undefined]])
      })

      it('keeps one picture of each, shows it wherever they are a member, and lets it go with the next one and with them', async () => {
        const pictureId = (n: number) => uuid(n) as PictureId
        const shown = async () => (await store.read((tx) => tx.members(conv, 9))).map(({ person }) => person.picture)
        expect(await shown()).toEqual([undefined, undefined])
        for (const n of [1, 2]) await store.transact((tx) => tx.setPicture(ann, { id: pictureId(n), jpeg: `jpeg${n}` }))
        await store.transact((tx) => tx.setPicture(bob, { id: pictureId(3), jpeg: 'jpeg3' }))
        expect(await shown()).toEqual([pictureId(2), pictureId(3)])
        expect(await store.read(async (tx) => (await tx.user(ann))?.picture)).toBe(pictureId(2))
        expect(await store.read((tx) => Promise.all([1, 2, 3].map((n) => tx.picture(pictureId(n)))))).toEqual([undefined, 'jpeg2', 'jpeg3'])
        await store.transact((tx) => tx.setPicture(ann, null))
        await store.transact((tx) => tx.forgetUser(bob, 'Nobody', AT))
        expect(await shown()).toEqual([undefined, undefined])
        expect(await store.read((tx) => Promise.all([2, 3].map((n) => tx.picture(pictureId(n)))))).toEqual([undefined, undefined])
      })

      it('keeps passkeys, the one made last first, each under an id of its own', async () => {
        const row = (n: number): PasskeyRow => ({
          id: `key${n}`,
          user: ann,
          publicKey: `p${n}`,
          counter: 0,
          transports: ['usb', 'nfc'],
          label: 'Firefox',
          madeAt: AT + n,
          usedAt: null,
        })
        for (const n of [1, 2]) await store.transact((tx) => tx.insertPasskey(row(n)))
        await expect(store.transact((tx) => tx.insertPasskey({ ...row(1), user: bob }))).rejects.toThrow(/unique|duplicate/i)
        await store.transact((tx) => tx.updatePasskey(row(1).id, { counter: 3, usedAt: AT + 9 }))
        expect(await store.read((tx) => tx.passkeysOf(ann))).toEqual([row(2), { ...row(1), counter: 3, usedAt: AT + 9 }])
        await store.transact((tx) => tx.deletePasskey(row(1).id))
        expect(await store.read((tx) => tx.passkey(row(1).id))).toBeUndefined()
      })

      it('gives a challenge away once, and not after its end', async () => {
        for (const [hash, user] of [
          ['a', ann],
          ['b', null],
          ['c', ann],
        ] as const) {
          await store.transact((tx) => tx.insertPasskeyChallenge({ hash, user, expiresAt: AT + (hash === 'a' ? 1 : 9) }, AT))
        }
        const take = (hash: string, at: number) => store.transact((tx) => tx.takePasskeyChallenge(hash, at))
        expect(await take('b', AT + 8)).toEqual({ hash: 'b', user: null, expiresAt: AT + 9 })
        expect(await take('b', AT + 8)).toBeUndefined()
        expect(await take('c', AT + 9)).toBeUndefined()
        await store.transact((tx) => tx.insertPasskeyChallenge({ hash: 'd', user: ann, expiresAt: AT + 9 }, AT + 1))
        expect(await take('a', AT), 'forgotten when it had ended').toBeUndefined()
      })

      it('keeps blocks, once each, and by whom', async () => {
        await store.transact(async (tx) => {
          await tx.insertBlock(ann, bob, AT)
          await tx.insertBlock(ann, bob, AT + 1)
        })
        expect(await store.read(async (tx) => [await tx.hasBlocked(ann, bob), await tx.hasBlocked(bob, ann)])).toEqual([true, false])
        expect(await store.read((tx) => tx.blockedBy(ann))).toEqual([user(bob)])
        await store.transact((tx) => tx.deleteBlock(ann, bob))
        expect(await store.read((tx) => tx.hasBlocked(ann, bob))).toBe(false)
      })

      it('keeps reports, the newest first', async () => {
        const row = (n: number) => ({ id: uuid(n), by: ann, user: bob, message: null, text: null, reason: `${n}`, at: AT + n })
        for (const n of [1, 2]) await store.transact((tx) => tx.insertReport(row(n)))
        expect(await store.read((tx) => tx.reports(1))).toEqual([row(2)])
      })

      it('finds people by the beginning of a word, and groups that two share', async () => {
        await store.transact((tx) => tx.updateUser(bob, { name: 'Bob Builder' }))
        const names = (text: string) => store.read(async (tx) => (await tx.peopleLike('t', text, 9)).map(({ name }) => name))
        expect([await names('build'), await names('uild'), await names('an')]).toEqual([['Bob Builder'], [], ['ANN']])
        expect(await store.read((tx) => tx.peopleLike('u', 'an', 9))).toEqual([])
        expect(await store.read((tx) => tx.shareGroup(ann, bob))).toBe(true)
        await store.transact((tx) => tx.updateMember(conv, bob, { leftRev: 1 }))
        expect(await store.read((tx) => tx.shareGroup(ann, bob))).toBe(false)
      })

      it('keeps the last password hash, apart from everything else about a person', async () => {
        expect(await store.read((tx) => tx.passwordHash(ann))).toBeUndefined()
        await store.transact((tx) => tx.setPasswordHash(ann, 'first', AT))
        await store.transact((tx) => tx.setPasswordHash(ann, 'second', AT + 1))
        expect(await store.read((tx) => tx.passwordHash(ann))).toBe('second')
        expect(JSON.stringify(await store.read((tx) => tx.user(ann)))).not.toContain('second')
      })

      it('keeps sessions', async () => {
        await store.transact((tx) => tx.insertSession(session))
        expect(await store.read((tx) => tx.session(id))).toEqual(session)
        await store.transact((tx) => tx.updateSession(id, { revokedAt: AT + 3 }))
        expect(await store.read((tx) => tx.sessionsOf(ann))).toEqual([{ ...session, revokedAt: AT + 3 }])
      })

      it('counts connections per tab', async () => {
        await store.transact((tx) => tx.insertSession(session))
        const count = (tab: number) => store.transact((tx) => tx.countConnection(id, uuid(tab) as TabId, AT))
        expect([await count(1), await count(1), await count(2), await count(1)]).toEqual([0, 1, 0, 2])
      })

      it('supersedes refresh tokens but the one used and those issued for it', async () => {
        const token = (hash: string, parent: string | null, validUntil = 1000) => ({ hash, session: id, parent, validUntil })
        await store.transact(async (tx) => {
          await tx.insertSession(session)
          for (const row of [
            token('first', null),
            token('used', 'first'),
            token('sibling', 'first'),
            token('child', 'used'),
            token('dead', 'first', 3),
          ])
            await tx.insertRefreshToken(row)
          await tx.supersedeRefreshTokens(id, 'used', 500)
        })
        const validUntil = (hash: string) => store.read(async (tx) => (await tx.refreshToken(hash))?.validUntil)
        expect(await Promise.all(['first', 'used', 'sibling', 'child', 'dead', 'unknown'].map(validUntil))).toEqual([
          500,
          1000,
          500,
          1000,
          3,
          undefined,
        ])
        expect(await store.read((tx) => tx.refreshToken('child'))).toEqual(token('child', 'used'))
      })

      it("numbers each person's own log without a hole", async () => {
        expect(await store.read((tx) => tx.urev(ann))).toBe(0)
        await Promise.allSettled(
          Array.from({ length: 9 }, (_, i) =>
            store.transact(async (tx) => {
              await tx.appendUserEvent(ann, { kind: 'profile', name: `n${i}` }, AT)
              if (i % 3 === 2) throw new Error('undone')
            }),
          ),
        )
        await store.transact((tx) => tx.appendUserEvent(bob, { kind: 'conv.added', conv }, AT))
        const events = await store.read((tx) => tx.userEvents(ann, 0, 100))
        expect(events.map((event) => event.urev)).toEqual([1, 2, 3, 4, 5, 6])
        expect(await store.read((tx) => tx.userEvents(ann, 4, 1))).toEqual([{ kind: 'profile', name: 'n6', urev: 5 }])
        expect(await store.read((tx) => tx.userEvents(bob, 0, 9))).toEqual([{ kind: 'conv.added', conv, urev: 1 }])
        expect(await store.read((tx) => tx.urev(ann))).toBe(6)
      })

      it('keeps invites', async () => {
        const row = { code: 'abc', conv, createdBy: ann, createdAt: AT, revokedAt: null, expiresAt: AT + 9, usesLeft: 2 }
        await store.transact(async (tx) => {
          await tx.insertInvite({ ...row, code: 'old', createdAt: AT + 5, revokedAt: AT })
          await tx.insertInvite(row)
        })
        expect(await store.read((tx) => tx.invite('abc'))).toEqual(row)
        expect(await store.read((tx) => tx.invitesOf(conv))).toEqual([row])
        await store.transact((tx) => tx.updateInvite('abc', { usesLeft: 1 }))
        expect(await store.read((tx) => tx.invite('abc'))).toEqual({ ...row, usesLeft: 1 })
        expect(await store.read((tx) => tx.invite('xyz'))).toBeUndefined()
      })
    })
  })
}

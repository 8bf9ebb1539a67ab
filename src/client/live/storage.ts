import * as z from 'zod/mini'
import { ConversationFacts } from '#protocol/conversation.ts'
import { ChainHash, CHAIN_START, ClientId, ConversationId, Epoch, MessageId, Rev, Seq } from '#protocol/ids.ts'
import { AnyLogEvent, isKnown, messageAfter, type LogEvent, type Note, type UnknownEvent } from '#protocol/log.ts'
import { ChatMessage } from '#protocol/message.ts'
import type { Reset } from '#protocol/sync.ts'
import { CODES, type RefusalCode } from '#protocol/codes.ts'
import type { Db, DbTx } from './db.ts'
import type { OutboxRow } from './facts.ts'

/**
 * What this browser keeps of one person's chat, so that a reload, a crash or a second tab loses nothing: messages, the contiguous
 * cursor, the outbox and drafts. Messages, cursor and settled outbox rows change in one transaction or not at all.
 *
 * Several tabs share it. Every method may reject (quota, a vanished database); nothing of that call is kept then.
 */
export type Storage = {
  load: () => Promise<Stored>
  /** Keeps a written message and drops the conversation's draft. Resolves with the conversation's whole outbox, in written order. */
  addOutbox: (row: OutboxRow) => Promise<StoredOutboxRow[]>
  /** Changes a row that is still there; resolves false when it is not. */
  changeOutbox: (clientId: ClientId, change: (row: OutboxRow) => OutboxRow) => Promise<boolean>
  removeOutbox: (clientId: ClientId) => Promise<void>
  outbox: () => Promise<StoredOutboxRow[]>
  /** Appends events (from, to]. Refuses with `behind` when the stored cursor has not reached `from`: a hole must never be stored. */
  append: (batch: Batch) => Promise<'kept' | { behind: StoredConversation }>
  /** Replaces the conversation by the server's newest page, unless another tab is further already. */
  reset: (reset: Reset, more: { force: boolean; settled: ClientId[] }) => Promise<void>
  /** Older messages for the cache; of two versions the higher stays. */
  keepPage: (messages: ChatMessage[], notes: Note[]) => Promise<void>
  /** The contiguous messages right below `beforeSeq`, ascending, at most `limit`; and the notes between them. */
  page: (conv: ConversationId, beforeSeq: number, limit: number) => Promise<{ messages: ChatMessage[]; notes: Note[] }>
  keepFacts: (conv: ConversationId, change: Partial<Pick<StoredConversation, 'facts' | 'marksRev' | 'readWanted' | 'lastMessage'>>) => Promise<void>
  forget: (conv: ConversationId) => Promise<void>
  keepDraft: (conv: ConversationId, text: string) => Promise<void>
  keepUser: (change: Partial<StoredUser>) => Promise<void>
  /** A new database on the server: what was cached of the old one is dropped; outbox and drafts stay. */
  restart: (epoch: Epoch) => Promise<void>
  close: () => void
}

const StoredConversation = z.object({
  conv: ConversationId,
  rev: Rev,
  seq: Seq,
  h: ChainHash,
  marksRev: z.int(),
  facts: ConversationFacts,
  lastMessage: z.nullable(ChatMessage),
  /** Read up to here on this device, perhaps not yet told the server. */
  readWanted: Seq,
})
export type StoredConversation = z.infer<typeof StoredConversation>

const StoredUser = z.object({ epoch: z.nullable(Epoch), urev: Rev })
export type StoredUser = z.infer<typeof StoredUser>

export type Stored = StoredUser & { conversations: StoredConversation[]; outbox: StoredOutboxRow[]; drafts: Record<ConversationId, string> }

export type Batch = { conv: ConversationId; from: number; events: (LogEvent | UnknownEvent)[]; settled: ClientId[] }

const refusals = (Object.keys(CODES) as (keyof typeof CODES)[]).filter((code) => CODES[code].class === 'ask') as [RefusalCode, ...RefusalCode[]]

const StoredOutboxRow = z.object({
  /** Written order over all conversations and tabs. */
  n: z.int(),
  conv: ConversationId,
  clientId: ClientId,
  body: z.string(),
  sentAt: z.number(),
  replyTo: z.optional(MessageId),
  state: z.discriminatedUnion('name', [
    z.object({ name: z.literal('saving') }),
    z.object({ name: z.literal('queued'), memory: z.boolean() }),
    z.object({ name: z.literal('sending'), since: z.number(), memory: z.boolean() }),
    z.object({ name: z.literal('stored'), id: MessageId, seq: Seq, at: z.number() }),
    z.object({ name: z.literal('refused'), code: z.enum(refusals) }),
  ]),
})
export type StoredOutboxRow = OutboxRow & { n: number }

const Draft = z.object({ conv: ConversationId, text: z.string() })

/** Stored rows are read through their schemas: what a damaged disk or an older build left behind must not stop the app. */
function readable<T>(schema: { safeParse: (raw: unknown) => { success: true; data: T } | { success: false } }, rows: unknown[]): T[] {
  const good: T[] = []
  for (const row of rows) {
    const parsed = schema.safeParse(row)
    if (parsed.success) good.push(parsed.data)
  }
  return good
}

const conversationOf = async (tx: DbTx, conv: ConversationId) => readable(StoredConversation, [await tx.get('conversations', conv)])[0]
const outboxRows = async (tx: DbTx) => readable(StoredOutboxRow, await tx.all('outbox')) as StoredOutboxRow[]

const END = Number.MAX_SAFE_INTEGER

export function openStorage(db: Db): Storage {
  async function keepMessage(tx: DbTx, message: ChatMessage): Promise<void> {
    const [held] = readable(ChatMessage, [await tx.get('messages', [message.conv, message.seq])])
    if (!held || held.id !== message.id || held.version <= message.version) await tx.put('messages', [message.conv, message.seq], message)
  }

  const keepNote = (tx: DbTx, note: Note) => tx.put('notes', [note.conv, note.afterSeq, note.rev], note)

  async function settle(tx: DbTx, settled: ClientId[]): Promise<void> {
    if (settled.length === 0) return
    const rows = await outboxRows(tx)
    for (const row of rows) if (settled.includes(row.clientId)) await tx.delete('outbox', row.n)
  }

  async function append(tx: DbTx, batch: Batch, held: StoredConversation): Promise<void> {
    let { lastMessage, seq } = held
    for (const event of batch.events) {
      if (event.rev <= held.rev) continue
      if (!isKnown(event)) await tx.put('quarantine', [event.conv, event.rev], event)
      else if (event.kind === 'new') {
        await keepMessage(tx, event.message)
        lastMessage = event.message
        seq = Math.max(seq, event.message.seq)
      } else if ('messageId' in event) {
        const [message] = readable(ChatMessage, [await tx.get('messages', [event.conv, event.seq])])
        if (message) await tx.put('messages', [event.conv, event.seq], messageAfter(message, event))
        if (lastMessage) lastMessage = messageAfter(lastMessage, event)
      } else await keepNote(tx, event)
    }
    const last = batch.events.at(-1)
    if (last && last.rev > held.rev) {
      await tx.put('conversations', batch.conv, { ...held, rev: last.rev, h: last.h, seq, lastMessage })
    }
  }

  return {
    load: () =>
      db.transact(async (tx) => {
        const [user] = readable(StoredUser, [await tx.get('meta', 'user')])
        const drafts: Record<ConversationId, string> = {}
        for (const draft of readable(Draft, await tx.all('drafts'))) drafts[draft.conv] = draft.text
        return {
          epoch: user?.epoch ?? null,
          urev: user?.urev ?? 0,
          conversations: readable(StoredConversation, await tx.all('conversations')),
          outbox: await outboxRows(tx),
          drafts,
        }
      }),

    addOutbox: (row) =>
      db.transact(
        async (tx) => {
          const n = ((await tx.get('meta', 'outboxN')) as number | undefined) ?? 0
          await tx.put('meta', 'outboxN', n + 1)
          await tx.put('outbox', n + 1, { ...row, n: n + 1 })
          await tx.delete('drafts', row.conv)
          return (await outboxRows(tx)).filter((other) => other.conv === row.conv)
        },
        { strict: true },
      ),

    changeOutbox: (clientId, change) =>
      db.transact(async (tx) => {
        const row = (await outboxRows(tx)).find((other) => other.clientId === clientId)
        if (!row) return false
        await tx.put('outbox', row.n, { ...change(row), n: row.n })
        return true
      }),

    removeOutbox: (clientId) => db.transact((tx) => settle(tx, [clientId])),

    outbox: () => db.transact(outboxRows),

    append: (batch) =>
      db.transact(async (tx) => {
        const held = await conversationOf(tx, batch.conv)
        // A conversation another tab dropped meanwhile has nothing to append to; memory goes on without the cache.
        if (!held) return 'kept' as const
        if (held.rev < batch.from) return { behind: held }
        await append(tx, batch, held)
        await settle(tx, batch.settled)
        return 'kept' as const
      }),

    reset: (reset, { force, settled }) =>
      db.transact(async (tx) => {
        const conv = reset.facts.id
        const held = await conversationOf(tx, conv)
        await settle(tx, settled)
        if (held && held.rev >= reset.rev && !force) {
          if (held.marksRev < reset.marksRev) await tx.put('conversations', conv, { ...held, facts: reset.facts, marksRev: reset.marksRev })
          return
        }
        // What lies below the new page may have been edited meanwhile: it is fetched again when it is wanted.
        await tx.deleteRange('messages', [conv, 0], [conv, END])
        await tx.deleteRange('notes', [conv, 0, 0], [conv, END, END])
        for (const message of reset.messages) await tx.put('messages', [conv, message.seq], message)
        for (const note of notesIn(reset.notes)) await keepNote(tx, note)
        const { rev, seq, h, marksRev, facts } = reset
        await tx.put('conversations', conv, {
          conv,
          rev,
          seq,
          h,
          marksRev,
          facts,
          lastMessage: reset.messages.at(-1) ?? null,
          readWanted: Math.max(held?.readWanted ?? 0, facts.read),
        })
      }),

    keepPage: (messages, notes) =>
      db.transact(async (tx) => {
        for (const message of messages) await keepMessage(tx, message)
        for (const note of notes) await keepNote(tx, note)
      }),

    page: (conv, beforeSeq, limit) =>
      db.transact(async (tx) => {
        const rows = readable(ChatMessage, await tx.range('messages', [conv, 0], [conv, beforeSeq - 1], { limit, newestFirst: true }))
        const messages: ChatMessage[] = []
        for (const row of rows) {
          if (row.seq !== beforeSeq - 1 - messages.length) break
          messages.push(row)
        }
        messages.reverse()
        const first = messages[0]?.seq
        const notes = first === undefined ? [] : await tx.range('notes', [conv, first, 0], [conv, beforeSeq, END])
        return { messages, notes: notesIn(readable(AnyLogEvent, notes)) }
      }),

    keepFacts: (conv, change) =>
      db.transact(async (tx) => {
        const held = await conversationOf(tx, conv)
        if (held) await tx.put('conversations', conv, { ...held, ...change })
        else if (change.facts) {
          const fresh: StoredConversation = {
            conv,
            rev: 0,
            seq: 0,
            h: CHAIN_START,
            marksRev: 0,
            lastMessage: null,
            readWanted: 0,
            facts: change.facts,
          }
          await tx.put('conversations', conv, { ...fresh, ...change })
        }
      }),

    forget: (conv) =>
      db.transact(async (tx) => {
        await tx.delete('conversations', conv)
        await tx.delete('drafts', conv)
        await tx.deleteRange('messages', [conv, 0], [conv, END])
        await tx.deleteRange('notes', [conv, 0, 0], [conv, END, END])
      }),

    keepDraft: (conv, text) => db.transact((tx) => (text === '' ? tx.delete('drafts', conv) : tx.put('drafts', conv, { conv, text }))),

    keepUser: (change) =>
      db.transact(async (tx) => {
        const [held] = readable(StoredUser, [await tx.get('meta', 'user')])
        await tx.put('meta', 'user', { epoch: null, urev: 0, ...held, ...change })
      }),

    restart: (epoch) =>
      db.transact(async (tx) => {
        await tx.deleteRange('conversations', '', '\uffff')
        await tx.deleteRange('messages', ['', 0], ['\uffff', END])
        await tx.deleteRange('notes', ['', 0, 0], ['\uffff', END, END])
        await tx.put('meta', 'user', { epoch, urev: 0 })
      }),

    close: () => db.close(),
  }
}

/** The join, leave and meta events among what a server or a disk returned. */
export const notesIn = (events: readonly (LogEvent | UnknownEvent)[]): Note[] =>
  events.filter((event): event is Note => isKnown(event) && (event.kind === 'join' || event.kind === 'leave' || event.kind === 'meta'))

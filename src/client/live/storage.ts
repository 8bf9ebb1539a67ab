import * as z from 'zod/mini'
import { ConversationFacts } from '#protocol/conversation.ts'
import { ChainHash, CHAIN_START, ClientId, ConversationId, Epoch, MessageId, Rev, Seq, UserId, type OperationId } from '#protocol/ids.ts'
import { AnyLogEvent, isKnown, messageAfter, type LogEvent, type Note, type UnknownEvent } from '#protocol/log.ts'
import { Files } from '#protocol/files.ts'
import { ChatMessage, Operation } from '#protocol/message.ts'
import type { Reset } from '#protocol/sync.ts'
import { CODES, type RefusalCode } from '#protocol/codes.ts'
import type { Db, DbTx } from './db.ts'
import { isNothing } from './draft.ts'
import type { Draft, Drafts, MessageChange, OutboxRow, OutboxState } from './facts.ts'
import type { Random } from './ports.ts'

/**
 * What this browser keeps of one person's chat, so that a reload, a crash or a second tab loses nothing: messages, the contiguous
 * cursor, the outbox and drafts. Messages, cursor and settled outbox rows change in one transaction or not at all.
 *
 * Several tabs share it. Every method may reject (quota, a vanished database); nothing of that call is kept then.
 */
export type Storage = {
  load: () => Promise<Stored>
  /**
   * Keeps written messages in this order, in one transaction; rows that are there already stay as they are. A row that is `saving` is
   * kept as `queued`; the draft this tab wrote it from goes with it (`draftSent`), a later one stays, and so do those of other tabs. Resolves
   * with the whole outbox as it is then. Where the database is no longer the one of that `life`, nothing is added: there is more to keep
   * than the caller thought.
   */
  addOutbox: (rows: OutboxRow[], life: string | null) => Promise<OutboxSnapshot>
  /** Changes rows that are still there and for which `change` returns something; resolves false when there were none. */
  changeOutbox: (clientIds: readonly ClientId[], change: (row: OutboxRow) => OutboxRow | undefined) => Promise<boolean>
  removeOutbox: (clientIds: readonly ClientId[]) => Promise<void>
  /**
   * Says that these go out now, at `since`: from here on their text is fixed, and nobody can take them back. Resolves with the
   * whole outbox: a row that is gone, refused or stored there was dealt with by another tab.
   */
  claimOutbox: (clientIds: readonly ClientId[], since: number) => Promise<OutboxSnapshot>
  /**
   * Takes a row out that nobody sends or has sent. `isRefused`: the server did not take it, though that may not be kept yet. Resolves with the
   * whole outbox; the row is still in it when it was too late.
   */
  discardOutbox: (clientId: ClientId, isRefused?: boolean) => Promise<OutboxSnapshot>
  outbox: () => Promise<OutboxSnapshot>
  /** Keeps operations behind those that are there; one that is there already stays as it is. `life` and result as of `addOutbox`. */
  addOperations: (operations: readonly MessageChange[], life: string | null) => Promise<OutboxSnapshot>
  removeOperations: (opIds: readonly OperationId[]) => Promise<void>
  /**
   * Appends events (from, to]. Refuses with `behind` when the stored cursor has not reached `from`: a hole must never be stored. `unknown`:
   * the conversation is not here any more, there is nothing to append to. `strange`: what is here is of another past.
   */
  append: (batch: Batch) => Promise<'kept' | 'unknown' | 'strange' | { behind: StoredConversation }>
  /**
   * Replaces the conversation by the server's newest page, unless another tab is further already. `over`: any past, or the one of this place,
   * which is known to be the server's. `unknown`: what is here may be of another one; only the server can tell.
   */
  reset: (reset: Reset, more: { over: Place | 'any past'; settled: ClientId[] }) => Promise<'kept' | { unknown: StoredConversation }>
  /** Own messages that the cache holds of another database than that of `present`, stored by the server at or after `since`, in the order of the log. */
  own: (me: UserId, conv: ConversationId, since: number, present?: Epoch) => Promise<ChatMessage[]>
  /**
   * What is kept of this conversation is of a past that is lost, unless it is of the database `present` already: nothing more of that past is
   * added to it, or settled with it.
   */
  distrust: (conv: ConversationId, present?: Epoch) => Promise<void>
  /** What is kept of this conversation is of another past: it goes, and with it what is settled of the outbox. Resolves false when there was nothing. */
  drop: (conv: ConversationId, settled: ClientId[]) => Promise<boolean>
  /**
   * Older messages for the cache, as they were at `rev`; of two versions the higher stays. Nothing is kept where another tab has brought the
   * storage further: what changed since would be missing for ever.
   */
  keepPage: (conv: ConversationId, messages: ChatMessage[], notes: Note[], rev: number) => Promise<void>
  /**
   * The contiguous messages right below `beforeSeq`, ascending, at most `limit`; and the notes between them. None where another tab has
   * met another database than the one of that `epoch`: its past must not mix with the one on screen. `below`: a message further down that was
   * met behind a hole. `kept`: how far the conversation is kept; of what changed since all is missing.
   */
  page: (conv: ConversationId, beforeSeq: number, limit: number, epoch: Epoch | null) => Promise<StoredPage>
  /** Messages of a conversation below a place, the newest first, wherever there are holes between them. */
  stretch: (conv: ConversationId, beforeSeq: number, limit: number) => Promise<ChatMessage[]>
  /** How far the conversations are kept. */
  conversations: () => Promise<StoredConversation[]>
  keepFacts: (conv: ConversationId, change: Partial<Pick<StoredConversation, 'facts' | 'marksRev' | 'readWanted' | 'lastMessage'>>) => Promise<void>
  forget: (conv: ConversationId) => Promise<void>
  /**
   * `at`: when it was changed, in this tab, or in the one that `left` it behind: then only if nothing later of that tab is here. One with
   * nothing in it goes.
   */
  keepDraft: (conv: ConversationId, draft: Draft, at: number, left?: string) => Promise<void>
  /** A message was written in this tab: what is kept of its composer goes with the row of that, but not what is kept from now on. */
  draftSent: (conv: ConversationId) => void
  keepUser: (change: Partial<StoredUser>) => Promise<void>
  /** A new database on the server: what was cached of the old one is dropped; outbox and drafts stay. */
  restart: (epoch: Epoch) => Promise<void>
  /** Other tabs see the same storage. */
  isShared: () => boolean
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

/** A place in a log: everything up to `rev`, and the hash of it. */
export type Place = { rev: number; h: string }
export const NOWHERE: Place = { rev: 0, h: CHAIN_START }
/** No log has it at any place. */
export const NO_HASH = 'f'.repeat(16)

export type StoredPage = { messages: ChatMessage[]; notes: Note[]; below?: number | undefined; kept: Place }
export const NO_PAGE: StoredPage = { messages: [], notes: [], kept: NOWHERE }

export type Stored = StoredUser & { conversations: StoredConversation[]; outbox: OutboxSnapshot; drafts: Drafts }

/** `fromH`: the hash of the log at `from`. `facts`: what the conversation is after these events, when they changed it. */
export type Batch = {
  conv: ConversationId
  from: number
  fromH: string
  events: (LogEvent | UnknownEvent)[]
  settled: ClientId[]
  facts?: ConversationFacts
}

/** Every code that makes a message "Not sent". */
export const refusals = (Object.keys(CODES) as (keyof typeof CODES)[]).filter((code) => CODES[code].class === 'ask') as [
  RefusalCode,
  ...RefusalCode[],
]

/** A message as it was written. */
export const Written = z.object({
  conv: ConversationId,
  clientId: ClientId,
  body: z.string(),
  sentAt: z.number(),
  replyTo: z.optional(MessageId),
  files: z.optional(Files),
})

const StoredOutboxRow = z.object({
  /** Written order over all conversations and tabs. */
  n: z.int(),
  ...Written.shape,
  again: z.optional(z.literal(true)),
  putBack: z.optional(z.literal(true)),
  state: z.union([
    z.object({ name: z.literal('queued'), memory: z.boolean() }),
    z.object({ name: z.literal('sending'), since: z.number(), memory: z.boolean() }),
    z.object({ name: z.literal('stored'), id: MessageId, seq: Seq, at: z.number() }),
    z.object({ name: z.literal('refused'), code: z.enum(refusals) }),
  ]),
})
export type StoredOutboxRow = OutboxRow & { n: number }

export const StoredChange = z.object({
  conv: ConversationId,
  operation: Operation.check(z.refine((operation) => 'clientId' in operation.target)),
  notBefore: z.optional(z.number()),
})
const StoredOperation = z.object({ ...StoredChange.shape, n: z.int() })
type StoredOperation = MessageChange & { n: number }

/** The outbox at one moment, in written order. Another `life` means another database: the one before was deleted, with all it held. */
export type OutboxSnapshot = { life: string | null; /** the last place given */ n: number; rows: StoredOutboxRow[]; operations: StoredOperation[] }

const OutboxMeta = z.object({ life: z.string(), n: z.int() })

/**
 * What stands in a composer of one tab: two tabs may be in the middle of two sentences. What tabs that are gone have left stands in the
 * next one that opens.
 */
export const StoredDraft = z.object({
  tab: z.string(),
  conv: ConversationId,
  at: z.number(),
  text: z.string(),
  reply: z.optional(z.object({ to: MessageId })),
  editing: z.optional(ClientId),
  edits: z.optional(z.record(ClientId, z.string())),
  files: z.optional(Files),
})
export type StoredDraft = Draft & { tab: string; conv: ConversationId; at: number }

export const draftOf = ({ tab: _, conv: __, at: ___, ...draft }: StoredDraft): Draft => draft

/** Equal where the drafts are. */
const contentOf = ({ text, reply, editing, edits, files }: Draft) => JSON.stringify([text, reply, editing, edits, files])

const draftKey = ({ conv, tab }: Pick<StoredDraft, 'conv' | 'tab'>) => [conv, tab]

/** Stored rows are read through their schemas: what a damaged disk or an older build left behind must not stop the app. */
export function readable<T>(schema: { safeParse: (raw: unknown) => { success: true; data: T } | { success: false } }, rows: unknown[]): T[] {
  const good: T[] = []
  for (const row of rows) {
    const parsed = schema.safeParse(row)
    if (parsed.success) good.push(parsed.data)
  }
  return good
}

const conversationOf = async (tx: DbTx, conv: ConversationId) => readable(StoredConversation, [await tx.get('conversations', conv)])[0]
const draftsIn = async (tx: DbTx) => readable(StoredDraft, await tx.all('drafts')) as StoredDraft[]
const outboxRows = async (tx: DbTx) => readable(StoredOutboxRow, await tx.all('outbox')) as StoredOutboxRow[]
const storedOperations = async (tx: DbTx) => readable(StoredOperation, await tx.all('operations')) as StoredOperation[]
const outboxMeta = async (tx: DbTx) => readable(OutboxMeta, [await tx.get('meta', 'outbox')])[0]

async function outboxSnapshot(tx: DbTx): Promise<OutboxSnapshot> {
  const { life = null, n = 0 } = (await outboxMeta(tx)) ?? {}
  return { life, n, rows: await outboxRows(tx), operations: await storedOperations(tx) }
}

const END = Number.MAX_SAFE_INTEGER

/** The tab this is, and those that are open now as far as the browser tells. */
export type TabsAround = { own: string; open: () => Promise<readonly string[]> }

const NO_OTHERS: TabsAround = { own: '', open: () => Promise.resolve([]) }

/** @param counted hears what the outbox holds after each read and each change of it, for whoever keeps count outside of the database */
export function openStorage(db: Db, random: Random, counted: (outbox: OutboxSnapshot) => void = () => {}, tabs: TabsAround = NO_OTHERS): Storage {
  function told(outbox: OutboxSnapshot): OutboxSnapshot {
    // A page's own memory says nothing about what this browser keeps.
    if (db.isShared()) counted(outbox)
    return outbox
  }

  /** A transaction that changes the outbox. */
  const changing: Db['transact'] = async (work, more) => {
    const [result, outbox] = await db.transact(async (tx) => [await work(tx), await outboxSnapshot(tx)] as const, more)
    told(outbox)
    return result
  }

  /** As `changing`, for who wants to know what became of the outbox. */
  const outboxAfter = async (work: (tx: DbTx) => Promise<void>, more?: { strict: boolean }): Promise<OutboxSnapshot> =>
    told(
      await db.transact(async (tx) => {
        await work(tx)
        return outboxSnapshot(tx)
      }, more),
    )

  /** The last place given; undefined where the database is another one than the caller thought. */
  async function placesOf(tx: DbTx, known: string | null): Promise<z.infer<typeof OutboxMeta> | undefined> {
    const meta = await outboxMeta(tx)
    if ((meta?.life ?? null) !== known) return undefined
    return meta ?? { life: random.unit().toString(36), n: 0 }
  }

  async function keepMessage(tx: DbTx, message: ChatMessage): Promise<void> {
    const [held] = readable(ChatMessage, [await tx.get('messages', [message.conv, message.seq])])
    if (!held || held.id !== message.id || held.version <= message.version) await tx.put('messages', [message.conv, message.seq], message)
  }

  /** What stands in the composers of this tab since a message was written there. The device's clock can't tell: it may be set. */
  const changedSince = new Map<ConversationId, string>()

  const ownDraftKey = (conv: ConversationId) => draftKey({ conv, tab: tabs.own })

  /** What stands in the composers of this tab: its own, or else the newest that a tab which is gone has left. */
  function standing(drafts: StoredDraft[], open: readonly string[]): Map<ConversationId, StoredDraft> {
    const isOwn = ({ tab }: StoredDraft) => tab === tabs.own
    const ours = drafts.filter((draft) => isOwn(draft) || !open.includes(draft.tab))
    return new Map(ours.sort((a, b) => Number(isOwn(a)) - Number(isOwn(b)) || a.at - b.at).map((draft) => [draft.conv, draft]))
  }

  /** From now on they are this tab's, unless somebody was faster. */
  const inherit = (drafts: StoredDraft[]) =>
    db.transact(async (tx) => {
      for (const draft of drafts) {
        const [there] = readable(StoredDraft, [await tx.get('drafts', draftKey(draft))])
        if (there?.at !== draft.at || (await tx.get('drafts', ownDraftKey(draft.conv)))) continue
        await tx.delete('drafts', draftKey(draft))
        await tx.put('drafts', ownDraftKey(draft.conv), { ...draft, tab: tabs.own })
      }
    })

  const keepNote = (tx: DbTx, note: Note) => tx.put('notes', [note.conv, note.afterSeq, note.rev], note)

  async function settle(tx: DbTx, settled: readonly ClientId[]): Promise<void> {
    if (settled.length === 0) return
    const rows = await outboxRows(tx)
    for (const row of rows) if (settled.includes(row.clientId)) await tx.delete('outbox', row.n)
  }

  /** What is kept goes further than these events: their messages tell whether it is of the same past. */
  async function isElsewhere(tx: DbTx, { conv, events }: Batch, held: StoredConversation): Promise<boolean> {
    for (const event of events) {
      if (!isKnown(event) || event.kind !== 'new') continue
      const { id, seq } = event.message
      const [there] = readable(ChatMessage, [await tx.get('messages', [conv, seq])])
      return seq > held.seq || (there && there.id !== id) === true
    }
    return false
  }

  /** What is kept is of the same past as the page, as place or messages show; or holds no message that could be lost with another one. */
  async function isOfSamePast(tx: DbTx, reset: Reset, held: StoredConversation, known: Place): Promise<boolean> {
    if (held.rev === reset.rev || held.h === NO_HASH) return held.h === reset.h
    const seq = Math.min(held.seq, reset.seq)
    if (seq === 0 || (held.rev === known.rev && held.h === known.h)) return true
    const [there] = readable(ChatMessage, [await tx.get('messages', [held.conv, seq])])
    return reset.messages.some(({ id }) => id === there?.id)
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
      await tx.put('conversations', batch.conv, { ...held, rev: last.rev, h: last.h, seq, lastMessage, facts: batch.facts ?? held.facts })
    }
  }

  async function loadAll(): Promise<Stored> {
    const open = await tabs.open()
    const { drafts, ...stored } = await db.transact(async (tx) => {
      const [user] = readable(StoredUser, [await tx.get('meta', 'user')])
      return {
        epoch: user?.epoch ?? null,
        urev: user?.urev ?? 0,
        conversations: readable(StoredConversation, await tx.all('conversations')),
        outbox: await outboxSnapshot(tx),
        drafts: [...standing(await draftsIn(tx), open).values()],
      }
    })
    told(stored.outbox)
    const inherited = drafts.filter(({ tab }) => tab !== tabs.own)
    // Where there is no room for that they are read all the same.
    if (inherited.length > 0) await inherit(inherited).catch(() => {})
    return { ...stored, drafts: Object.fromEntries(drafts.map((draft) => [draft.conv, draftOf(draft)])) }
  }

  /** While all is read. Whatever comes of it, who waits goes on. */
  let reading: Promise<void> | undefined

  return {
    load: () => {
      const loading = loadAll()
      const isOver = () => void (reading = undefined)
      reading = loading.then(isOver, isOver)
      return loading
    },

    addOutbox: (rows, known) =>
      outboxAfter(
        async (tx) => {
          const places = await placesOf(tx, known)
          if (!places) return
          const held = new Set((await outboxRows(tx)).map((row) => row.clientId))
          let { n } = places
          for (const row of rows) {
            const [draft] = readable(StoredDraft, [await tx.get('drafts', ownDraftKey(row.conv))]) as StoredDraft[]
            const isSent = draft && changedSince.has(row.conv) && contentOf(draft) !== changedSince.get(row.conv)
            if (isSent && !row.found && !row.again) await tx.delete('drafts', ownDraftKey(row.conv))
            if (held.has(row.clientId)) continue
            n++
            await tx.put('outbox', n, { ...row, n, state: keptState(row.state) })
          }
          await tx.put('meta', 'outbox', { ...places, n })
        },
        { strict: true },
      ),

    changeOutbox: (clientIds, change) =>
      changing(async (tx) => {
        let any = false
        for (const row of await outboxRows(tx)) {
          const changed = clientIds.includes(row.clientId) ? change(row) : undefined
          if (!changed) continue
          await tx.put('outbox', row.n, { ...changed, n: row.n })
          any = true
        }
        return any
      }),

    removeOutbox: (clientIds) => changing((tx) => settle(tx, clientIds)),

    claimOutbox: (clientIds, since) =>
      outboxAfter(async (tx) => {
        for (const row of await outboxRows(tx)) {
          if (row.state.name !== 'queued' || !clientIds.includes(row.clientId)) continue
          await tx.put('outbox', row.n, { ...row, state: { name: 'sending', since, memory: false } })
        }
      }),

    discardOutbox: (clientId, isRefused = false) =>
      outboxAfter(async (tx) => {
        const row = (await outboxRows(tx)).find((held) => held.clientId === clientId)
        if (row && row.state.name !== 'stored' && (isRefused || row.state.name !== 'sending')) await tx.delete('outbox', row.n)
      }),

    outbox: () => db.transact(outboxSnapshot).then(told),

    addOperations: (operations, known) =>
      db.transact(
        async (tx) => {
          const places = await placesOf(tx, known)
          if (!places) return outboxSnapshot(tx)
          const held = new Set((await storedOperations(tx)).map((row) => row.operation.opId))
          let { n } = places
          for (const { conv, operation, notBefore } of operations)
            if (!held.has(operation.opId)) await tx.put('operations', ++n, { n, conv, operation, ...(notBefore !== undefined && { notBefore }) })
          await tx.put('meta', 'outbox', { ...places, n })
          return outboxSnapshot(tx)
        },
        { strict: true },
      ),

    removeOperations: (opIds) =>
      db.transact(async (tx) => {
        for (const row of await storedOperations(tx)) if (opIds.includes(row.operation.opId)) await tx.delete('operations', row.n)
      }),

    append: (batch) =>
      (batch.settled.length > 0 ? changing : db.transact)(async (tx) => {
        const held = await conversationOf(tx, batch.conv)
        if (held && held.rev < batch.from) return { behind: held }
        // Another tab dropped it, or the database was deleted; memory goes on without the cache.
        if (!held) return 'unknown' as const
        const known = held.rev === batch.from ? batch.fromH : batch.events.find((event) => event.rev === held.rev)?.h
        if (known === undefined ? await isElsewhere(tx, batch, held) : known !== held.h) return 'strange' as const
        await settle(tx, batch.settled)
        await append(tx, batch, held)
        return 'kept' as const
      }),

    reset: (reset, { over, settled }) =>
      (settled.length > 0 ? changing : db.transact)(async (tx) => {
        const conv = reset.facts.id
        const held = await conversationOf(tx, conv)
        const force = over === 'any past'
        if (held && !force && !(await isOfSamePast(tx, reset, held, over))) return { unknown: held }
        await settle(tx, settled)
        if (held && held.rev >= reset.rev && !force) {
          if (held.marksRev < reset.marksRev) await tx.put('conversations', conv, { ...held, facts: reset.facts, marksRev: reset.marksRev })
          return 'kept' as const
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
          // What was read in another past says nothing about this one.
          readWanted: Math.max(force ? 0 : (held?.readWanted ?? 0), facts.read),
        })
        return 'kept' as const
      }),

    own: (me, conv, since, present) =>
      db.transact(async (tx) => {
        const [user] = readable(StoredUser, [await tx.get('meta', 'user')])
        if (present !== undefined && user?.epoch === present) return []
        const messages = readable(ChatMessage, await tx.range('messages', [conv, 0], [conv, END]))
        return messages.filter((message) => message.sender === me && message.at >= since)
      }),

    distrust: (conv, present) =>
      db.transact(async (tx) => {
        const [user] = readable(StoredUser, [await tx.get('meta', 'user')])
        if (present !== undefined && user?.epoch === present) return
        const held = await conversationOf(tx, conv)
        if (held) await tx.put('conversations', conv, { ...held, h: NO_HASH })
      }),

    drop: (conv, settled) =>
      (settled.length > 0 ? changing : db.transact)(async (tx) => {
        await settle(tx, settled)
        const held = await conversationOf(tx, conv)
        await dropConversation(tx, conv)
        return held !== undefined
      }),

    keepPage: (conv, messages, notes, rev) =>
      db.transact(async (tx) => {
        const held = await conversationOf(tx, conv)
        if (held && held.rev > rev) return
        for (const message of messages) await keepMessage(tx, message)
        for (const note of notes) await keepNote(tx, note)
      }),

    page: (conv, beforeSeq, limit, epoch) =>
      db.transact(async (tx) => {
        const [user] = readable(StoredUser, [await tx.get('meta', 'user')])
        if (epoch !== null && user && user.epoch !== epoch) return NO_PAGE
        const rows = readable(ChatMessage, await tx.range('messages', [conv, 0], [conv, beforeSeq - 1], { limit, newestFirst: true }))
        const messages: ChatMessage[] = []
        for (const row of rows) {
          if (row.seq !== beforeSeq - 1 - messages.length) break
          messages.push(row)
        }
        const below = rows[messages.length]?.seq
        messages.reverse()
        const first = messages[0]?.seq
        const notes = first === undefined ? [] : await tx.range('notes', [conv, first, 0], [conv, beforeSeq, END])
        return { messages, notes: notesIn(readable(AnyLogEvent, notes)), below, kept: (await conversationOf(tx, conv)) ?? NOWHERE }
      }),

    stretch: (conv, beforeSeq, limit) =>
      db.transact(async (tx) => readable(ChatMessage, await tx.range('messages', [conv, 0], [conv, beforeSeq - 1], { limit, newestFirst: true }))),

    conversations: () => db.transact(async (tx) => readable(StoredConversation, await tx.all('conversations'))),

    keepFacts: (conv, change) =>
      db.transact(async (tx) => {
        const held = await conversationOf(tx, conv)
        if (held) await tx.put('conversations', conv, { ...held, ...change, readWanted: Math.max(held.readWanted, change.readWanted ?? 0) })
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
        await dropConversation(tx, conv)
        for (const draft of await draftsIn(tx)) if (draft.conv === conv) await tx.delete('drafts', draftKey(draft))
      }),

    keepDraft: (conv, change, at, left) => {
      if (left === undefined && changedSince.has(conv)) changedSince.set(conv, contentOf(change))
      const keep = () =>
        db.transact(async (tx) => {
          const draft: StoredDraft = { ...change, tab: left ?? tabs.own, conv, at }
          const [held] = readable(StoredDraft, [await tx.get('drafts', draftKey(draft))])
          if (left !== undefined && held && held.at > at) return
          if (isNothing(change)) await tx.delete('drafts', draftKey(draft))
          else await tx.put('drafts', draftKey(draft), draft)
        })
      // What is there is read before it is replaced: of a reply to be written a text alone may be known here so far.
      return left === undefined && reading ? reading.then(keep) : keep()
    },

    draftSent: (conv) => void changedSince.set(conv, ''),

    keepUser: (change) =>
      db.transact(async (tx) => {
        const [held] = readable(StoredUser, [await tx.get('meta', 'user')])
        // Who could not read what is here finds out late that it is of another database.
        if (change.epoch && held?.epoch && held.epoch !== change.epoch) await dropCache(tx)
        await tx.put('meta', 'user', { epoch: null, urev: 0, ...held, ...change })
      }),

    restart: (epoch) =>
      db.transact(async (tx) => {
        const [held] = readable(StoredUser, [await tx.get('meta', 'user')])
        // Another tab was first: what is here now is of that database already.
        if (held?.epoch === epoch) return
        await dropCache(tx)
        await tx.put('meta', 'user', { epoch, urev: 0 })
      }),

    isShared: db.isShared,
    close: () => db.close(),
  }
}

async function dropConversation(tx: DbTx, conv: ConversationId): Promise<void> {
  await tx.delete('conversations', conv)
  await tx.deleteRange('messages', [conv, 0], [conv, END])
  await tx.deleteRange('notes', [conv, 0, 0], [conv, END, END])
}

async function dropCache(tx: DbTx): Promise<void> {
  await tx.deleteRange('conversations', '', '\uffff')
  await tx.deleteRange('messages', ['', 0], ['\uffff', END])
  await tx.deleteRange('notes', ['', 0, 0], ['\uffff', END, END])
}

/** The state of a row that the storage has taken. */
export function keptState(state: OutboxState): OutboxState {
  if (state.name === 'saving') return { name: 'queued', memory: false }
  return state.name === 'queued' || state.name === 'sending' ? { ...state, memory: false } : state
}

/** The join, leave and meta events among what a server or a disk returned. */
export const notesIn = (events: readonly (LogEvent | UnknownEvent)[]): Note[] =>
  events.filter((event): event is Note => isKnown(event) && (event.kind === 'join' || event.kind === 'leave' || event.kind === 'meta'))

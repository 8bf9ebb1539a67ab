import { BATCH_MAX, BATCH_MAX_BYTES } from '#protocol/limits.ts'
import { isRefusal, type RefusalCode } from '#protocol/codes.ts'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import { utf8Bytes, type MessageDraft } from '#protocol/message.ts'
import type { Refusal } from '#protocol/reply.ts'
import type { SendResult } from '#protocol/sync.ts'
import { messageKeptInMemory, messageSaved, messageStored, outboxLoaded, outboxRowRemoved, sendDelayed, sendRefused, sendStarted } from './facts.ts'
import type { OutboxRow, OutboxState, WrittenMessage } from './facts.ts'
import type { Line } from './line.ts'
import type { Clock, Random } from './ports.ts'
import type { Storage, StoredOutboxRow } from './storage.ts'
import { backoffMs, type Timing } from './timing.ts'

/** After this many server errors in a row the batch is taken apart, to find the one message that provokes them. */
const ERRORS_BEFORE_SPLIT = 5

export type OutboxParts = {
  clock: Clock
  random: Random
  timing: Timing
  storage: Storage
  request: Line['request']
  /** Dispatches a fact. */
  emit: (fact: { type: string }) => void
  /** May this conversation's rows go out now? Its log is caught up, and this tab sends. */
  maySend: (conv: ConversationId) => boolean
  /** The log is here without a hole up to this seq. */
  through: (conv: ConversationId) => number
  /** A message waits and can't go: worth a dial. */
  waiting: () => void
  /** The server says this person is no longer a member. */
  notMember: (conv: ConversationId) => void
  /** Renew the token; the rows follow when the line is back. */
  tokenRefused: () => void
  /** Other tabs should look at the shared rows again. */
  changed: () => void
  storageFailed: (error: unknown) => void
}

/** Rows of one conversation and how sending them goes. */
type Queue = {
  /** In written order: everything this person wrote that is not in the log yet. */
  rows: Row[]
  underWay: boolean
  /** Nothing goes out before this. */
  notBefore: number
  /** How many messages the next batch may hold; halves after a time-out, so that a slow line still gets through. */
  batch: number
  troubles: number
  serverErrors: number
}

type Row = OutboxRow & { n: number | null }

/**
 * The outbox: what was written and is not yet in the log. One batch under way per conversation, always from the oldest row, for
 * ever, with the same ids; so a message can't be lost, doubled or overtaken by a retry. It subscribes to what happens and sends
 * whenever it may; nobody calls "send".
 */
export function openOutbox(parts: OutboxParts) {
  const { clock, random, timing, storage, emit } = parts
  const queues = new Map<ConversationId, Queue>()
  let stopDelay = () => {}

  const queueOf = (conv: ConversationId): Queue => {
    let queue = queues.get(conv)
    if (!queue) queues.set(conv, (queue = { rows: [], underWay: false, notBefore: 0, batch: BATCH_MAX, troubles: 0, serverErrors: 0 }))
    return queue
  }
  const find = (conv: ConversationId, clientId: ClientId) => queues.get(conv)?.rows.find((row) => row.clientId === clientId)
  const isInMemory = (state: OutboxState) => (state.name === 'queued' || state.name === 'sending') && state.memory

  function keepState(row: Row): void {
    if (row.n === null) return
    storage
      .changeOutbox(row.clientId, (held) => (held.state.name === 'refused' && row.state.name === 'sending' ? held : { ...held, state: row.state }))
      .then((found) => found && parts.changed(), parts.storageFailed)
  }

  function remove(conv: ConversationId, clientIds: readonly ClientId[]): void {
    const queue = queues.get(conv)
    if (queue) queue.rows = queue.rows.filter((row) => !clientIds.includes(row.clientId))
  }

  /** Rows of other tabs come in their stored place; rows that only this tab has stay behind them. */
  function merge(conv: ConversationId, stored: StoredOutboxRow[]): void {
    const queue = queueOf(conv)
    const mine = new Map(queue.rows.map((row) => [row.clientId, row]))
    const rows: Row[] = stored.map((row) => {
      const held = mine.get(row.clientId)
      mine.delete(row.clientId)
      // What this tab knows of a row's way is newer than what it stored.
      return held && held.state.name !== 'saving' ? { ...row, body: row.body, state: further(held.state, row.state) } : row
    })
    for (const held of mine.values()) if (held.n === null) rows.push(held)
    queue.rows = rows
  }

  async function write(message: WrittenMessage): Promise<void> {
    const { conv, clientId } = message
    if (find(conv, clientId)) return
    const row: Row = { ...message, state: { name: 'saving' }, n: null }
    queueOf(conv).rows.push(row)
    try {
      const rows = await storage.addOutbox({ ...message, state: { name: 'queued', memory: false } })
      if (!find(conv, clientId)) return
      merge(conv, rows)
      emit(messageSaved({ conv, clientId }))
      parts.changed()
    } catch (error) {
      const held = find(conv, clientId)
      if (!held) return
      held.state = { name: 'queued', memory: true }
      emit(messageKeptInMemory({ conv, clientId }))
      parts.storageFailed(error)
    }
    parts.waiting()
    flush(conv)
  }

  /** The oldest rows that are not with the server yet. A row that is still being saved holds back what was written after it. */
  function nextBatch(queue: Queue): Row[] {
    const rows: Row[] = []
    let bytes = 0
    for (const row of queue.rows) {
      if (row.state.name === 'stored' || row.state.name === 'refused') continue
      if (row.state.name === 'saving' || rows.length === queue.batch) break
      bytes += utf8Bytes(JSON.stringify(row.body))
      if (rows.length > 0 && bytes > BATCH_MAX_BYTES) break
      rows.push(row)
    }
    return rows
  }

  function flush(conv: ConversationId): void {
    const queue = queues.get(conv)
    if (!queue || queue.underWay || !parts.maySend(conv)) return
    if (queue.notBefore > clock.now()) return wakeAt(queue.notBefore)
    const rows = nextBatch(queue)
    if (rows.length > 0) void send(conv, queue, rows)
  }

  async function send(conv: ConversationId, queue: Queue, rows: Row[]): Promise<void> {
    queue.underWay = true
    const since = clock.now()
    for (const row of rows) {
      if (row.state.name === 'sending') continue
      row.state = { name: 'sending', since, memory: isInMemory(row.state) }
      keepState(row)
    }
    emit(sendStarted({ conv, clientIds: rows.map((row) => row.clientId), at: since }))
    const reply = await parts.request('message:send', { conv, messages: rows.map(draftOf) })
    queue.underWay = false
    if (reply.ok) {
      queue.troubles = 0
      queue.serverErrors = 0
      queue.batch = Math.min(BATCH_MAX, queue.batch * 2)
      for (const result of reply.results) settleResult(conv, result)
    } else refusedWhole(conv, queue, rows, reply)
    flush(conv)
  }

  function settleResult(conv: ConversationId, result: SendResult): void {
    const row = find(conv, result.clientId)
    if (!row) return
    if (!result.ok) return refuse(row, result.code)
    const { id, seq, at } = result
    // The log has passed it already (another tab sent it, or it was purged): no event will come to take the row out.
    if (result.gone || seq <= parts.through(conv)) return gone(row)
    row.state = { name: 'stored', id, seq, at }
    keepState(row)
    emit(messageStored({ conv, clientId: row.clientId, id, seq, at }))
  }

  async function askFormer(conv: ConversationId, queue: Queue, rows: Row[]): Promise<void> {
    queue.underWay = true
    const reply = await parts.request('message:send', { conv, messages: rows.map(draftOf) })
    queue.underWay = false
    if (!reply.ok) {
      if (reply.code === 'E_NOT_MEMBER' || reply.code === 'E_NOT_FOUND') for (const row of rows) refuseIfHere(conv, row.clientId, 'E_NOT_MEMBER')
      return
    }
    for (const result of reply.results) {
      const row = find(conv, result.clientId)
      if (!row) continue
      if (result.ok) gone(row)
      else refuse(row, result.code)
    }
  }

  /** The server has it, and no log will ever show it here. */
  function gone(row: Row): void {
    remove(row.conv, [row.clientId])
    storage.removeOutbox(row.clientId).then(parts.changed, parts.storageFailed)
    emit(outboxRowRemoved({ conv: row.conv, clientId: row.clientId }))
  }

  function refuse(row: Row, code: RefusalCode): void {
    row.state = { name: 'refused', code }
    keepState(row)
    emit(sendRefused({ conv: row.conv, clientId: row.clientId, code }))
  }

  /** While the answer was on its way the row may have been seen in the log: then it is sent, whatever the answer says. */
  function refuseIfHere(conv: ConversationId, clientId: ClientId, code: RefusalCode): void {
    const row = find(conv, clientId)
    if (row && row.state.name !== 'stored') refuse(row, code)
  }

  /** The batch as a whole was not taken, or nobody knows. */
  function refusedWhole(conv: ConversationId, queue: Queue, rows: Row[], reply: Refusal): void {
    const { code } = reply
    if (code === 'E_NOT_MEMBER') return parts.notMember(conv)
    if (isRefusal(code)) {
      // Asked about many, refused as one: ask one by one, so that only the guilty row fails.
      if (rows.length > 1) queue.batch = 1
      else refuseIfHere(conv, rows[0]!.clientId, code)
      return
    }
    if (code === 'E_AUTH_EXPIRED') return parts.tokenRefused()
    queue.troubles++
    if (code === 'E_TIMEOUT' || code === 'E_NO_SESSION') {
      queue.batch = Math.max(1, rows.length >> 1)
      if (reply.detail !== undefined) return
      return delay(conv, queue, backoffMs(timing, queue.troubles, random.unit()))
    }
    if (code === 'E_INTERNAL' && ++queue.serverErrors >= ERRORS_BEFORE_SPLIT) {
      queue.serverErrors = 0
      if (rows.length === 1) return refuseIfHere(conv, rows[0]!.clientId, 'E_SERVER_ERROR')
      queue.batch = Math.max(1, rows.length >> 1)
    }
    const wait = Math.max(reply.retryAfterMs ?? 0, code === 'E_RATE' ? 0 : backoffMs(timing, queue.troubles, random.unit()))
    delay(conv, queue, wait)
    if (code === 'E_RATE' || code === 'E_BUSY' || code === 'E_STORAGE' || code === 'E_INTERNAL')
      emit(sendDelayed({ conv, until: queue.notBefore, code }))
  }

  function delay(conv: ConversationId, queue: Queue, ms: number): void {
    queue.notBefore = clock.now() + ms
    flush(conv)
  }

  function wakeAt(at: number): void {
    stopDelay()
    const soonest = Math.min(
      at,
      ...[...queues.values()].filter((queue) => queue.notBefore > clock.now() && queue.rows.length > 0).map((queue) => queue.notBefore),
    )
    stopDelay = clock.after(soonest - clock.now(), flushAll)
  }

  function flushAll(): void {
    for (const conv of queues.keys()) flush(conv)
  }

  const allRows = () => [...queues.values()].flatMap((queue) => queue.rows)

  function load(stored: StoredOutboxRow[]): void {
    const convs = new Set([...queues.keys(), ...stored.map((row) => row.conv)])
    for (const conv of convs)
      merge(
        conv,
        stored.filter((row) => row.conv === conv),
      )
    emit(outboxLoaded({ rows: allRows().map(({ n: _, ...row }) => row) }))
    flushAll()
  }

  return {
    write,
    /** Takes what is stored, at start and when another tab changed it. */
    load,
    flush,
    flushAll,
    /** A fresh line: waiting times of the old one no longer hold. */
    lineReturned: () => {
      for (const queue of queues.values()) {
        queue.notBefore = 0
        queue.troubles = 0
      }
    },
    /** Own messages seen in the log or in a page: they leave. */
    settled: remove,
    /**
     * The person is no longer a member: what never went out is refused. What went out unanswered may have been stored before the
     * removal; the server is asked once more before anything is called "not sent".
     */
    left: (conv: ConversationId) => {
      const queue = queues.get(conv)
      if (!queue || queue.underWay) return
      const inDoubt = queue.rows.filter((row) => row.state.name === 'sending').slice(0, BATCH_MAX)
      for (const row of queue.rows) if (row.state.name === 'queued') refuse(row, 'E_NOT_MEMBER')
      if (inDoubt.length > 0) void askFormer(conv, queue, inDoubt)
      for (const row of queue.rows) if (row.state.name === 'stored') gone(row)
    },
    retry: (conv: ConversationId, clientId: ClientId) => {
      const row = find(conv, clientId)
      const queue = queueOf(conv)
      queue.notBefore = 0
      if (row?.state.name === 'refused') {
        row.state = { name: 'queued', memory: row.n === null }
        keepState(row)
      }
      parts.waiting()
      flush(conv)
    },
    discard: (conv: ConversationId, clientId: ClientId) => {
      const row = find(conv, clientId)
      // A row that was sent may be on other screens already; only its writer's answer or a deletion can take it back.
      if (!row || row.state.name === 'sending' || row.state.name === 'stored') return
      remove(conv, [clientId])
      emit(outboxRowRemoved({ conv, clientId }))
      storage.removeOutbox(clientId).then(parts.changed, parts.storageFailed)
    },
    edit: (conv: ConversationId, clientId: ClientId, body: string) => {
      const row = find(conv, clientId)
      if (!row || (row.state.name !== 'queued' && row.state.name !== 'saving')) return
      row.body = body
      storage.changeOutbox(clientId, (held) => (held.state.name === 'queued' ? { ...held, body } : held)).then(parts.changed, parts.storageFailed)
    },
    conversations: () => [...queues.keys()],
    hasMemoryRows: () => allRows().some((row) => row.state.name === 'saving' || isInMemory(row.state)),
    close: () => stopDelay(),
  }
}

function draftOf({ clientId, body, sentAt, replyTo }: Row): MessageDraft {
  return replyTo === undefined ? { clientId, body, sentAt } : { clientId, body, sentAt, replyTo }
}

const STAGE: Record<OutboxState['name'], number> = { saving: 0, queued: 1, sending: 2, refused: 3, stored: 4 }

/** Of two accounts of the same row the one further along its way; a retry elsewhere brings a refused row back. */
const further = (a: OutboxState, b: OutboxState): OutboxState => (a.name === 'refused' ? b : STAGE[b.name] > STAGE[a.name] ? b : a)

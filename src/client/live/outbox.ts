import { BATCH_MAX, BATCH_MAX_BYTES } from '#protocol/limits.ts'
import { isRefusal, type RefusalCode } from '#protocol/codes.ts'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import { utf8Bytes, type ChatMessage } from '#protocol/message.ts'
import type { Refusal } from '#protocol/reply.ts'
import type { SendResult } from '#protocol/sync.ts'
import {
  messageKeptInMemory,
  messageSaved,
  messageStored,
  oldUnsentCounted,
  outboxLoaded,
  outboxRowRemoved,
  sendDelayed,
  sendRefused,
  sendStarted,
} from './facts.ts'
import type { OutboxRow, OutboxState, WrittenMessage } from './facts.ts'
import { openInsistence, retried } from './insistence.ts'
import type { Line } from './line.ts'
import { asFact, draftOf, FOLLOWS, FRESH, inMemory, isAgain, isDone, isSame, isToSend, isUnsent, offered, type Row } from './outboxRow.ts'
import type { Clock, Random } from './ports.ts'
import { keptState, type OutboxSnapshot, type Storage } from './storage.ts'
import { backoffMs, type Timing } from './timing.ts'

/** After this many server errors in a row the batch goes one by one, to find the message that provokes them; alone, this many condemn it. */
const ERRORS_BEFORE_VERDICT = 5

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
  /** The log here is the server's, on a line that is open. */
  isCurrent: (conv: ConversationId) => boolean
  /** The log is here without a hole up to this seq. */
  through: (conv: ConversationId) => number
  /** A message waits: worth a dial, or a question whether its conversation is still there. */
  waiting: (conv: ConversationId) => void
  /** The server says this person is no longer a member. */
  notMember: (conv: ConversationId) => void
  /** Renew the token; the rows follow when the line is back. */
  tokenRefused: () => void
  /** Other tabs should look at the shared rows again. */
  changed: () => void
  /** This tab should. */
  reread: () => void
  /** Other tabs should take this row away: nobody will ever send it. */
  discarded: (conv: ConversationId, clientId: ClientId) => void
  /** A message of this conversation is with the server, or was refused: what is to be done to it may follow. */
  arrived: (conv: ConversationId) => void
  /** The server has this message with another text than this one, which is what its writer wants it to say. */
  sentOtherwise: (conv: ConversationId, clientId: ClientId, body: string) => void
  /** Own messages of this conversation that some tab has kept of its log. */
  kept: (conv: ConversationId) => Promise<ChatMessage[]>
  storageFailed: (error: unknown) => void
}

type SentMessage = Pick<ChatMessage, 'clientId' | 'body' | 'editedAt' | 'deletedAt'>

/** Rows of one conversation and how sending them goes. */
type Queue = {
  /** In written order: everything this person wrote that is not in the log yet. */
  rows: Row[]
  underWay: boolean
  /** Nothing goes out while the queue rests. Ends the rest. */
  stopRest: (() => void) | undefined
  /** How many messages the next batch may hold; halves after a time-out, so that a slow line still gets through. */
  batch: number
  troubles: number
  serverErrors: number
  /** Rows of a batch that made the server fail, and have not been tried alone yet. */
  suspects: number
}

/**
 * The outbox: what was written and is not yet in the log. One batch under way per conversation, always from the oldest row, for
 * ever, with the same ids; so a message can't be lost, doubled or overtaken by a retry. It subscribes to what happens and sends
 * whenever it may; nobody calls "send".
 *
 * The storage is shared by all tabs. What is read there is of a moment that has passed: it never brings back a row that left here, and
 * never undoes a change that is still on its way there.
 */
export function openOutbox(parts: OutboxParts) {
  const { clock, random, timing, storage, emit } = parts
  const { insist, ...insistence } = openInsistence(parts)
  const queues = new Map<ConversationId, Queue>()
  /** Rows that left here, and own messages seen in the log: where and when. */
  const left = new Map<ClientId, { conv: ConversationId; at: number }>()
  /** Rows the person took back: should one turn up in the log nevertheless, a deletion must follow. */
  const regretted = new Map<ClientId, () => void>()
  /** What the person changed where it waited: should it turn up in the log as it was, an edit must follow. `were`: its former texts. */
  const rewritten = new Map<ClientId, { were: Set<string>; tooLate: () => void }>()
  /** How many old rows the person was asked about. */
  let asked = 0
  /** Which database the places `n` are of. */
  let life: string | null = null
  let isClosed = false
  let saving: Promise<void> | undefined
  let isSaveWanted = false
  /** Old rows go out from now on: the person said so. */
  let isOldAllowed = false
  let stopSaveAgain: (() => void) | undefined
  let stopLooking: (() => void) | undefined

  const queueOf = (conv: ConversationId): Queue => {
    let queue = queues.get(conv)
    if (!queue)
      queues.set(conv, (queue = { rows: [], underWay: false, stopRest: undefined, batch: BATCH_MAX, troubles: 0, serverErrors: 0, suspects: 0 }))
    return queue
  }
  const find = (conv: ConversationId, clientId: ClientId) => queues.get(conv)?.rows.find((row) => row.clientId === clientId)
  const allRows = () => [...queues.values()].flatMap((queue) => queue.rows)
  const emitAll = () => emit(outboxLoaded({ rows: allRows().flatMap((row) => (row.again ? [] : [asFact(row)])) }))

  function remove(conv: ConversationId, clientIds: readonly ClientId[]): void {
    for (const clientId of clientIds) left.set(clientId, { conv, at: clock.now() })
    const queue = queues.get(conv)
    if (queue) queue.rows = queue.rows.filter((row) => !clientIds.includes(row.clientId))
  }

  /** These are with the server, with this text. */
  function settled(conv: ConversationId, messages: readonly SentMessage[]): void {
    remove(
      conv,
      messages.map((message) => message.clientId),
    )
    for (const { clientId, body, editedAt, deletedAt } of messages) {
      regretted.get(clientId)?.()
      regretted.delete(clientId)
      const wish = rewritten.get(clientId)
      if (wish?.were.has(body) && editedAt === undefined && deletedAt === undefined) wish.tooLate()
      rewritten.delete(clientId)
    }
  }

  // ---- the shared storage ---------------------------------------------------------------------------------------------------------

  function write(message: WrittenMessage): void {
    if (find(message.conv, message.clientId)) return
    queueOf(message.conv).rows.push({ ...message, state: { name: 'saving' }, ...FRESH, n: null })
    save()
  }

  function save(): void {
    isSaveWanted = true
    saving ??= saveAll().finally(() => {
      saving = undefined
    })
  }

  async function saveAll(): Promise<void> {
    stopSaveAgain?.()
    stopSaveAgain = undefined
    while (isSaveWanted) {
      isSaveWanted = false
      await saveOnce()
    }
  }

  /** Everything only this tab has, oldest first, in one transaction: a row that could not be kept is never overtaken by one that could. */
  async function saveOnce(): Promise<void> {
    const rows = allRows().filter((row) => row.n === null)
    const isHere = (row: Row) => find(row.conv, row.clientId) === row
    try {
      const areOthersNew = rows.length > 0 && merge(await storage.addOutbox(rows.map(asFact), life))
      for (const row of rows.filter(isHere)) {
        // The database was another one: again, with all that it should hold.
        if (row.n === null) {
          isSaveWanted = true
          continue
        }
        row.state = keptState(row.state)
        emit(messageSaved({ conv: row.conv, clientId: row.clientId }))
      }
      if (areOthersNew) emitAll()
      parts.changed()
    } catch (error) {
      for (const row of rows.filter(isHere)) {
        if (row.state.name !== 'saving') continue
        row.state = { name: 'queued', memory: true }
        emit(messageKeptInMemory({ conv: row.conv, clientId: row.clientId }))
      }
      parts.storageFailed(error)
      if (!isClosed && rows.some(isHere)) stopSaveAgain ??= clock.after(timing.REREAD_MS, save)
    }
    // What is saved at the end goes out with the next page.
    if (isClosed) return
    for (const conv of new Set(rows.map((row) => row.conv))) {
      parts.waiting(conv)
      flush(conv)
    }
  }

  /** Takes what a transaction read. Returns true when rows changed other than by this tab. */
  function merge(snapshot: OutboxSnapshot): boolean {
    let isChanged = false
    // At start all of it was acknowledged before anything is asked.
    const ackedAt = life === null ? 0 : clock.now()
    if (snapshot.life !== life) {
      // The database was deleted under us. What it held is here, and only here.
      for (const row of allRows()) {
        // What another tab saw in the log needs no keeping.
        if (row.n === null || isDone(row)) continue
        row.n = null
        row.state = inMemory(row.state)
        isChanged = true
      }
      life = snapshot.life
      if (isChanged) save()
    }
    const stored = new Map(snapshot.rows.map((row) => [row.clientId, row]))
    for (const queue of queues.values()) {
      queue.rows = queue.rows.filter((row) => {
        const there = stored.get(row.clientId)
        if (there) {
          stored.delete(row.clientId)
          row.n = there.n
          // It was gone, and another tab offers it again.
          row.doneAt = undefined
          if (row.unkept > 0 || isSame(row, there)) return true
          // Another tab did not know that it is on its way.
          if (row.state.name === 'sending' && there.state.name === 'queued') {
            keepState([row])
            return true
          }
          if (row.state.name !== 'saving') isChanged = true
          Object.assign(row, { state: there.state, body: there.body, ackedAt })
          return true
        }
        if (row.n === null || isDone(row)) return true
        isChanged = true
        // Another tab saw it in the log. It stays in sight until this tab's log shows it too.
        row.doneAt = clock.now()
        stopLooking ??= clock.after(timing.REREAD_MS, () => void tellDone())
        if (row.state.name !== 'stored') row.state = { name: 'sending', since: clock.now(), memory: false }
        return true
      })
    }
    for (const row of stored.values()) {
      // The transaction that should have taken it out was aborted, or is still to come.
      // One that is offered again left when this tab saw it in the log that was lost.
      const leftAt = left.get(row.clientId)?.at
      if (leftAt !== undefined && !row.again) {
        // Put back since: that tab may know that the log which showed it was lost, unless this one's is the server's at this moment.
        const isPutBack = row.state.name === 'sending' && row.state.since > leftAt
        if (!isPutBack || parts.isCurrent(row.conv)) takeOut(row.clientId)
        continue
      }
      const { rows } = queueOf(row.conv)
      const goesBefore = (other: Row) => (isAgain(other) === isAgain(row) ? other.n !== null && other.n < row.n : isAgain(other))
      rows.splice(rows.findLastIndex(goesBefore) + 1, 0, { ...row, ...FRESH, ackedAt })
      isChanged = true
    }
    return isChanged
  }

  const isInOthersLog = (row: Row) => isDone(row) && row.state.name !== 'stored'

  /** A tab that is not on the line itself learns from what the others kept what became of its rows. */
  async function tellDone(): Promise<void> {
    stopLooking = undefined
    for (const [conv, { rows }] of queues) {
      if (!rows.some(isInOthersLog)) continue
      for (const { clientId, id, seq, at } of await parts.kept(conv).catch(() => [])) {
        const row = find(conv, clientId)
        // Where this tab's log has passed that place without it, the others are of another past.
        if (!row || !isInOthersLog(row) || seq <= parts.through(conv)) continue
        row.state = { name: 'stored', id, seq, at }
        emit(messageStored({ conv, clientId, id, seq, at }))
      }
    }
  }

  /** Written long ago and never sent. */
  const isOld = (row: Row) => row.state.name === 'queued' && !row.again && clock.now() - row.sentAt > timing.OLD_UNSENT_MS
  /** A conversation with old rows waits as a whole: what was written after them never overtakes them. */
  const isHeld = (queue: Queue) => !isOldAllowed && queue.rows.some(isOld)

  function askAboutOld(): void {
    const count = isOldAllowed ? 0 : allRows().filter(isOld).length
    if (count !== asked) emit(oldUnsentCounted({ count: (asked = count) }))
  }

  function load(snapshot: OutboxSnapshot): void {
    merge(snapshot)
    emitAll()
    askAboutOld()
    flushAll()
  }

  const takeOut = (clientId: ClientId) => insist(() => storage.removeOutbox(clientId), parts.changed)

  /**
   * Keeps a change made here. `turnedDown` is called when the row there is no longer what the change was meant for, `tried` when the change
   * is kept, or could not be at first.
   */
  function keep(rows: readonly Row[], change: (row: OutboxRow) => OutboxRow | undefined, turnedDown = () => {}, tried = () => {}): void {
    const clientIds = rows.map((row) => row.clientId)
    for (const row of rows) row.unkept++
    insist(
      () => storage.changeOutbox(clientIds, change),
      (found) => {
        for (const row of rows) row.unkept--
        if (found) parts.changed()
        else turnedDown()
        tried()
      },
      tried,
    )
  }

  /** Keeps where rows are on their way: as it is when the transaction runs, which may be the second or third try. */
  function keepState(rows: readonly Row[]): void {
    if (rows.length === 0) return
    keep(rows, (held) => {
      const row = find(held.conv, held.clientId)
      const follows = row && (FOLLOWS[row.state.name].includes(held.state.name) || (row.isRetried && held.state.name === 'refused'))
      return follows ? { ...held, state: keptState(row.state) } : undefined
    })
  }

  // ---- sending --------------------------------------------------------------------------------------------------------------------

  /** The oldest rows that are not with the server yet. A row that is still being saved holds back what was written after it. */
  function nextBatch(queue: Queue): Row[] {
    const rows: Row[] = []
    let bytes = 0
    for (const row of queue.rows) {
      if (!isToSend(row)) continue
      if (row.state.name === 'saving' || rows.length === queue.batch) break
      bytes += utf8Bytes(JSON.stringify(row.body))
      if (rows.length > 0 && bytes > BATCH_MAX_BYTES) break
      rows.push(row)
    }
    return rows
  }

  function flush(conv: ConversationId): void {
    const queue = queues.get(conv)
    if (!queue || queue.underWay || queue.stopRest || !parts.maySend(conv)) return
    if (isHeld(queue)) return askAboutOld()
    const rows = nextBatch(queue)
    if (rows.length > 0) void send(conv, queue, rows)
  }

  async function send(conv: ConversationId, queue: Queue, rows: Row[]): Promise<void> {
    queue.underWay = true
    const since = clock.now()
    const fresh = rows.filter((row) => row.state.name === 'queued')
    for (const row of fresh) row.state = { name: 'sending', since, memory: row.n === null }
    emit(sendStarted({ conv, clientIds: rows.map((row) => row.clientId), at: since }))
    await claim(
      fresh.filter((row) => row.n !== null),
      since,
    )
    rows = rows.filter((row) => find(conv, row.clientId) === row && isToSend(row))
    // A claim may take long; the line that there was before it may be another one now, whose past is not known yet.
    if (rows.length === 0 || !parts.maySend(conv)) {
      queue.underWay = false
      return flush(conv)
    }
    for (const row of rows) row.wasSentHere = true
    const reply = await parts.request('message:send', { conv, messages: rows.map(draftOf) })
    queue.underWay = false
    if (reply.ok) {
      queue.troubles = 0
      queue.serverErrors = 0
      queue.suspects = Math.max(0, queue.suspects - rows.length)
      if (queue.suspects === 0) queue.batch = Math.min(BATCH_MAX, queue.batch * 2)
      for (const result of reply.results) settleResult(conv, result)
    } else refusedWhole(conv, queue, rows, reply)
    flush(conv)
  }

  /**
   * In the storage that all tabs share these are on their way from now on, with the text that they have there: what another tab changed or took
   * back before is respected, what it does after that follows as a change of its own.
   */
  async function claim(rows: Row[], since: number): Promise<void> {
    if (rows.length === 0) return
    const clientIds = rows.map((row) => row.clientId)
    try {
      const snapshot = await retried(parts, () => storage.claimOutbox(clientIds, since))
      const areOthersNew = merge(snapshot)
      for (const row of rows) {
        // What was refused and rewritten here goes out as it is here: the storage may not have taken that yet.
        if (row.isRetried && row.unkept > 0) continue
        row.body = snapshot.rows.find((there) => there.clientId === row.clientId)?.body ?? row.body
      }
      if (areOthersNew) emitAll()
      parts.changed()
    } catch (error) {
      parts.storageFailed(error)
      keepState(rows)
    }
  }

  function settleResult(conv: ConversationId, result: SendResult): void {
    const row = find(conv, result.clientId)
    if (!row) return
    if (!result.ok) return refuse(row, result.code)
    const { id, seq, at, dup } = result
    // The log has passed it already (another tab sent it, or it was purged): no event will come to take the row out.
    if (result.gone || (row.again && dup) || seq <= parts.through(conv)) return gone(row)
    row.state = { name: 'stored', id, seq, at }
    row.isInQuestion = false
    row.ackedAt = clock.now()
    keepState([row])
    parts.arrived(conv)
    emit(messageStored({ conv, clientId: row.clientId, id, seq, at }))
  }

  /** The server may not have it any more. */
  function sendAgain(row: Row): void {
    // What another tab settled is no longer in the storage either.
    if (isDone(row)) row.n = null
    row.doneAt = undefined
    row.state = { name: 'sending', since: clock.now(), memory: row.n === null }
    if (row.n === null) return save()
    keep([row], (held) => (held.state.name === 'stored' ? { ...held, state: keptState(row.state) } : undefined))
  }

  async function askFormer(conv: ConversationId, queue: Queue, rows: Row[]): Promise<void> {
    queue.underWay = true
    const reply = await parts.request('message:send', { conv, messages: rows.map(draftOf) })
    queue.underWay = false
    if (!reply.ok) {
      const isOver = reply.code === 'E_NOT_MEMBER' || reply.code === 'E_NOT_FOUND'
      const isHopeless = reply.code === 'E_INTERNAL' && ++queue.serverErrors >= ERRORS_BEFORE_VERDICT
      if (isOver || isHopeless) for (const row of rows) refuseIfHere(conv, row.clientId, isOver ? 'E_NOT_MEMBER' : 'E_SERVER_ERROR')
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
    takeOut(row.clientId)
    parts.arrived(row.conv)
    emit(outboxRowRemoved({ conv: row.conv, clientId: row.clientId }))
  }

  function refuse(row: Row, code: RefusalCode): void {
    // What it replied to was lost as well: better without it than not at all. Otherwise it is there, or nobody may put it there any more.
    if (row.again) return code === 'E_NOT_FOUND' && row.replyTo ? void delete row.replyTo : gone(row)
    if (code === 'E_ID_CONFLICT') {
      // It was changed where it waited, and had gone out as it was before.
      gone(row)
      return parts.sentOtherwise(row.conv, row.clientId, row.body)
    }
    row.state = { name: 'refused', code }
    row.isRetried = false
    keepState([row])
    parts.arrived(row.conv)
    emit(sendRefused({ conv: row.conv, clientId: row.clientId, code }))
  }

  /** What never went out, as far as this tab knows: another one may be sending it, and then only the server can say what became of it. */
  function refuseUnsent(row: Row, code: RefusalCode): void {
    if (row.n === null || row.again) return refuse(row, code)
    if (row.unkept > 0) return
    row.unkept++
    insist(
      () =>
        storage.changeOutbox([row.clientId], (held) => (held.state.name === 'queued' ? { ...held, state: { name: 'refused', code } } : undefined)),
      (isRefused) => {
        row.unkept--
        if (!isRefused) return parts.reread()
        refuseIfHere(row.conv, row.clientId, code)
        parts.changed()
      },
    )
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
    queue.troubles++
    if (code === 'E_AUTH_EXPIRED') {
      parts.tokenRefused()
      return rest(conv, queue, backoffMs(timing, queue.troubles, random.unit()))
    }
    if (code === 'E_TIMEOUT' || code === 'E_NO_SESSION') {
      queue.batch = Math.max(1, rows.length >> 1)
      if (reply.detail !== undefined) return
      return rest(conv, queue, backoffMs(timing, queue.troubles, random.unit()))
    }
    if (code === 'E_INTERNAL' && ++queue.serverErrors >= ERRORS_BEFORE_VERDICT) {
      queue.serverErrors = 0
      // What follows waits behind these: they get no longer pauses than a first failure.
      queue.troubles = 1
      if (rows.length > 1) {
        queue.suspects = rows.length
        queue.batch = 1
      } else {
        queue.suspects = Math.max(0, queue.suspects - 1)
        return refuseIfHere(conv, rows[0]!.clientId, 'E_SERVER_ERROR')
      }
    }
    const wait = Math.max(reply.retryAfterMs ?? 0, code === 'E_RATE' ? 0 : backoffMs(timing, queue.troubles, random.unit()))
    rest(conv, queue, wait)
    if (code === 'E_RATE' || code === 'E_BUSY' || code === 'E_STORAGE' || code === 'E_INTERNAL')
      emit(sendDelayed({ conv, until: clock.now() + wait, code }))
  }

  function rest(conv: ConversationId, queue: Queue, ms: number): void {
    endRest(queue)
    queue.stopRest = clock.after(ms, () => {
      queue.stopRest = undefined
      flush(conv)
    })
  }

  function endRest(queue: Queue): void {
    queue.stopRest?.()
    queue.stopRest = undefined
  }

  /** Nobody will send this one; what waited behind it may go. */
  function takenBack(conv: ConversationId, clientId: ClientId): void {
    remove(conv, [clientId])
    askAboutOld()
    flush(conv)
  }

  /** Was taken back, and may still be on screen. */
  const isLeaving = (row: Row | undefined, clientId: ClientId) => !row && regretted.has(clientId)

  /** What was refused goes out once more, as it is now. */
  function retryWith(row: Row): void {
    row.state = { name: 'queued', memory: row.n === null }
    row.isRetried = true
    // That it was refused may not have been kept yet.
    const isOver = (state: OutboxState) => state.name === 'refused' || state.name === 'sending'
    keep([row], (held) => (isOver(held.state) ? { ...held, body: row.body, state: keptState(row.state) } : undefined))
    emitAll()
    flush(row.conv)
  }

  function allowOld(): void {
    isOldAllowed = true
    askAboutOld()
    for (const conv of queues.keys()) parts.waiting(conv)
    flushAll()
  }

  function flushAll(): void {
    for (const conv of queues.keys()) flush(conv)
  }

  return {
    write,
    /** Takes what is stored, at start and when another tab changed it. */
    load,
    flush,
    flushAll,
    /** The server's past is not the one that took these rows: they go out again, with the same ids. */
    offerAgain: (convs: Iterable<ConversationId>) => {
      const lost = new Set(convs)
      for (const [clientId, { conv }] of left) if (lost.has(conv)) left.delete(clientId)
      for (const conv of lost) {
        for (const row of queues.get(conv)?.rows ?? []) if (row.state.name === 'stored' || isDone(row)) sendAgain(row)
      }
      emitAll()
      // What other tabs offer again was taken for a remainder until now.
      parts.reread()
    },
    /**
     * Own messages of a past that the server may have lost: they go out once more, before everything else, with the same ids. Resolves when
     * they are kept, or can't be.
     */
    offer: (conv: ConversationId, messages: readonly ChatMessage[]): Promise<void> => {
      const queue = queueOf(conv)
      const fresh = messages.filter((message) => message.deletedAt === undefined && !find(conv, message.clientId)).map(offered)
      if (fresh.length === 0) return Promise.resolve()
      for (const row of fresh) left.delete(row.clientId)
      queue.rows.splice(queue.rows.findLastIndex(isAgain) + 1, 0, ...fresh)
      save()
      return saving ?? Promise.resolve()
    },
    /** A fresh line: waiting times of the old one no longer hold. */
    lineReturned: () => {
      for (const queue of queues.values()) {
        endRest(queue)
        queue.troubles = 0
      }
      askAboutOld()
    },
    /** Own messages in the log: they leave. The transaction that keeps the log takes them out of the storage. */
    settled,
    /** The transaction that should have taken these out failed: on their own, again and again. */
    unsettled: (clientIds: readonly ClientId[]) => clientIds.forEach(takeOut),
    /** Own messages seen elsewhere, as in a page of history: they leave, and the storage is told. */
    seen: (conv: ConversationId, messages: readonly SentMessage[]) => {
      const held = messages.filter(({ clientId }) => find(conv, clientId))
      settled(conv, messages)
      for (const { clientId } of held) takeOut(clientId)
    },
    /** The log is here up to where the server's was when it was asked: what other tabs had seen in it before is in it. */
    caughtUp: (conv: ConversationId, askedAt: number) => {
      const rows = queues.get(conv)?.rows ?? []
      rows.filter((row) => (row.doneAt ?? Infinity) < askedAt).forEach(gone)
      // Acknowledged, and not in a log that should have it: purged, or a backup was restored since and nobody else noticed. The server knows.
      const missing = rows.filter((row) => row.state.name === 'stored' && row.ackedAt < askedAt)
      for (const row of missing) row.isInQuestion = true
      flush(conv)
    },
    /**
     * The person was no longer a member when the server was asked: what was written before and never went out is refused. What went out
     * unanswered may have been stored before the removal; the server is asked once more before anything is called "not sent".
     */
    left: (conv: ConversationId, askedAt: number) => {
      const queue = queues.get(conv)
      if (!queue || queue.underWay) return
      const inDoubt = queue.rows.filter((row) => row.state.name === 'sending' && !isDone(row)).slice(0, BATCH_MAX)
      for (const row of queue.rows) if (row.state.name === 'queued' && row.sentAt <= askedAt) refuseUnsent(row, 'E_NOT_MEMBER')
      if (inDoubt.length > 0) void askFormer(conv, queue, inDoubt)
      for (const row of queue.rows) if (row.state.name === 'stored' || isDone(row)) gone(row)
    },
    retry: (conv: ConversationId, clientId: ClientId) => {
      const row = find(conv, clientId)
      const queue = queueOf(conv)
      endRest(queue)
      // "Send now" of one that waits for a word is the word.
      if (row && isOld(row)) return allowOld()
      if (row?.state.name === 'refused') {
        row.state = { name: 'queued', memory: row.n === null }
        row.isRetried = true
        keepState([row])
        if (row.n === null) emit(messageKeptInMemory({ conv, clientId }))
      }
      parts.waiting(conv)
      flush(conv)
    },
    /** `tooLate`: it is on its way, or there already. Only a deletion can take it back. */
    discard: (conv: ConversationId, clientId: ClientId, tooLate: () => void) => {
      const row = find(conv, clientId)
      if (isLeaving(row, clientId)) return
      if (!row || row.state.name === 'sending' || row.state.name === 'stored') return tooLate()
      takenBack(conv, clientId)
      regretted.set(clientId, tooLate)
      // It leaves the screen when it has left the storage: then it does not come back, whatever happens to this page.
      const leaveScreen = () => emit(outboxRowRemoved({ conv, clientId }))
      if (row.state.name === 'queued' && row.state.memory) leaveScreen()
      insist(
        () => storage.discardOutbox(clientId, row.state.name === 'refused'),
        (snapshot) => {
          if (!snapshot.rows.some((held) => held.clientId === clientId)) {
            leaveScreen()
            // Unless it turned up in the log meanwhile: then a deletion is on its way.
            if (regretted.has(clientId)) parts.discarded(conv, clientId)
            return
          }
          // Seen in the log meanwhile.
          if (!regretted.delete(clientId)) return
          // Another tab is sending it.
          left.delete(clientId)
          load(snapshot)
          tooLate()
        },
        leaveScreen,
      )
    },
    /** Another tab discarded it. `tooLate`: this one could not tell it that it is on its way. */
    discardedElsewhere: (conv: ConversationId, clientId: ClientId, tooLate: () => void) => {
      const row = find(conv, clientId)
      const isInTheLog = !row && left.has(clientId) && !regretted.has(clientId)
      if (row?.wasSentHere || row?.state.name === 'stored' || isInTheLog) return tooLate()
      takenBack(conv, clientId)
      emit(outboxRowRemoved({ conv, clientId }))
    },
    /** `tooLate`: it is on its way as it was, or there already. Only an edit of the message can change it. */
    edit: (conv: ConversationId, clientId: ClientId, body: string, tooLate: () => void) => {
      const row = find(conv, clientId)
      if (isLeaving(row, clientId)) return
      if (!row || row.state.name === 'sending' || row.state.name === 'stored') return tooLate()
      /** Its text where all tabs see it. */
      let there = row.body
      row.body = body
      if (row.state.name === 'refused') return retryWith(row)
      const were = new Set(rewritten.get(clientId)?.were).add(there)
      were.delete(body)
      const wish = { were, tooLate }
      rewritten.set(clientId, wish)
      keep(
        [row],
        (held) => {
          there = held.body
          return held.state.name === 'queued' ? { ...held, body: row.body } : undefined
        },
        () => {
          // Changed once more since, or seen in the log already.
          if (row.n === null || rewritten.get(clientId) !== wish) return
          rewritten.delete(clientId)
          // Another tab sends it, with the text it has there: so does this one from now on.
          row.body = there
          tooLate()
        },
        emitAll,
      )
    },
    /** Does the server have this message by now, and who else knows that it doesn't? */
    whereabouts: (conv: ConversationId, clientId: ClientId) => {
      const row = find(conv, clientId)
      if (!row || isDone(row) || row.state.name === 'stored') return 'with the server'
      if (row.state.name === 'refused') return 'refused'
      return row.n === null ? 'on its way, in this tab only' : 'on its way'
    },
    /** The person said so, here or in another tab. */
    allowOld,
    conversations: () => [...queues.keys()],
    /** No other tab can see these rows, so no other tab can send them. */
    hasOwnRows: (conv: ConversationId) => queues.get(conv)?.rows.some((row) => row.n === null && isUnsent(row.state)) ?? false,
    /** Words or changes that are lost when this page goes away now. */
    hasUnsaved: () => insistence.isOwing() || allRows().some((row) => row.n === null && row.state.name !== 'stored'),
    /** Resolves when what was written is kept, or can't be. */
    close: async (): Promise<void> => {
      isClosed = true
      insistence.close()
      for (const queue of queues.values()) endRest(queue)
      stopSaveAgain?.()
      stopLooking?.()
      if (allRows().some((row) => row.n === null)) save()
      return saving
    },
  }
}

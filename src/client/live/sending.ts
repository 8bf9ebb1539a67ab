import type { SendResult } from '#protocol/events.ts'
import { isRefusal, type RefusalCode } from '#protocol/codes.ts'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import { BATCH_MAX, BATCH_MAX_BYTES } from '#protocol/limits.ts'
import { utf8Bytes } from '#protocol/message.ts'
import type { Refusal } from '#protocol/reply.ts'
import { messageStored, oldUnsentCounted, sendDelayed, sendRefused, sendStarted } from './facts.ts'
import type { Line } from './line.ts'
import { draftOf, isDone, isToSend, type Row } from './outboxRow.ts'
import type { Moment } from './moments.ts'
import type { OutboxRows, OutboxRowsParts } from './outboxRows.ts'
import type { Random } from './ports.ts'
import { backoffMs } from './timing.ts'

/**
 * After this many server errors in a row a batch goes one by one, to find the message that provokes them; what is alone is refused then: nothing
 * else can be the reason.
 */
export const ERRORS_BEFORE_VERDICT = 5

export type SendingParts = Pick<OutboxRowsParts, 'clock' | 'moment' | 'timing' | 'emit' | 'through' | 'moved' | 'reread'> & {
  random: Random
  request: Line['request']
  /** May this conversation's rows go out now? Its log is caught up, and this tab sends. */
  maySend: (conv: ConversationId) => boolean
  /** A message waits: worth a dial, or a question whether its conversation is still there. */
  waiting: (conv: ConversationId) => void
  /** The server says this person is no longer a member. */
  notMember: (conv: ConversationId) => void
  /** Renew the token; the rows follow when the line is back. */
  tokenRefused: () => void
  /** The server has this message with another text than this one, which is what its writer wants it to say. */
  sentOtherwise: (conv: ConversationId, clientId: ClientId, body: string) => void
}

/** How sending goes in one conversation. */
type Way = {
  underWay: boolean
  /** Nothing goes out while it rests. Ends the rest. */
  stopRest: (() => void) | undefined
  /** How many messages the next batch may hold; halves after a time-out, so that a slow line still gets through. */
  batch: number
  troubles: number
  serverErrors: number
  /** Rows of a batch that made the server fail, and have not been tried alone yet. */
  suspects: number
}

/**
 * Sends the rows of the outbox: one batch under way per conversation, always from the oldest row, for ever, with the same ids; so a message
 * can't be lost, doubled or overtaken by a retry.
 */
export function openSending(rows: OutboxRows, parts: SendingParts) {
  const { clock, random, timing, emit } = parts
  const ways = new Map<ConversationId, Way>()
  /** How many old rows the person was asked about. */
  let asked = 0
  /** What was written before that goes out, however old: the person said so. */
  let allowedThrough = -Infinity

  const wayOf = (conv: ConversationId): Way => {
    let way = ways.get(conv)
    if (!way) ways.set(conv, (way = { underWay: false, stopRest: undefined, batch: BATCH_MAX, troubles: 0, serverErrors: 0, suspects: 0 }))
    return way
  }

  // ---- what was written long ago ----------------------------------------------------------------------------------------------------

  /** Written long ago and never sent. */
  const isOld = ({ state, again, sentAt }: Row) =>
    state.name === 'queued' && !again && sentAt > allowedThrough && clock.now() - sentAt > timing.OLD_UNSENT_MS
  /** A conversation with old rows waits as a whole: what was written after them never overtakes them. */
  const isHeld = (conv: ConversationId) => rows.of(conv).some(isOld)

  function askAboutOld(): void {
    const count = rows.all().filter(isOld).length
    if (count !== asked) emit(oldUnsentCounted({ count: (asked = count) }))
  }

  // ---- out --------------------------------------------------------------------------------------------------------------------------

  /** The oldest rows that are not with the server yet. A row that is still being saved holds back what was written after it. */
  function nextBatch(conv: ConversationId, most: number): Row[] {
    const batch: Row[] = []
    let bytes = 0
    for (const row of rows.of(conv)) {
      if (!isToSend(row)) continue
      if (row.state.name === 'saving' || batch.length === most) break
      bytes += utf8Bytes(JSON.stringify(row.body))
      if (batch.length > 0 && bytes > BATCH_MAX_BYTES) break
      batch.push(row)
    }
    return batch
  }

  function flush(conv: ConversationId): void {
    const way = wayOf(conv)
    if (way.underWay || way.stopRest || !parts.maySend(conv)) return
    if (isHeld(conv)) return askAboutOld()
    const batch = nextBatch(conv, way.batch)
    if (batch.length > 0) void send(conv, way, batch)
  }

  function flushAll(): void {
    rows.conversations().forEach(flush)
  }

  async function send(conv: ConversationId, way: Way, chosen: Row[]): Promise<void> {
    way.underWay = true
    const since = clock.now()
    const fresh = chosen.filter((row) => row.state.name === 'queued')
    for (const row of fresh) row.state = { name: 'sending', since, memory: row.n === null }
    emit(sendStarted({ conv, clientIds: chosen.map((row) => row.clientId), at: since }))
    await rows.claim(
      fresh.filter((row) => row.n !== null),
      since,
    )
    const batch = chosen.filter((row) => rows.find(conv, row.clientId) === row && isToSend(row))
    // A claim may take long; the line that there was before it may be another one now, whose past is not known yet.
    if (batch.length === 0 || !parts.maySend(conv)) {
      way.underWay = false
      return flush(conv)
    }
    for (const row of batch) row.isUnanswered = true
    const reply = await parts.request('message:send', { conv, messages: batch.map(draftOf) })
    way.underWay = false
    if (reply.ok) {
      way.troubles = 0
      way.serverErrors = 0
      way.suspects = Math.max(0, way.suspects - batch.length)
      if (way.suspects === 0) way.batch = Math.min(BATCH_MAX, way.batch * 2)
      rows.keepState(reply.results.flatMap((result) => settleResult(conv, result) ?? []))
    } else refusedWhole(conv, way, batch, reply)
    flush(conv)
  }

  // ---- answers ------------------------------------------------------------------------------------------------------------------------

  /** Returns the row when that it is with the server is still to be kept. */
  function settleResult(conv: ConversationId, result: SendResult): Row | undefined {
    const row = rows.find(conv, result.clientId)
    if (!row) return undefined
    if (!result.ok) {
      refuse(row, result.code)
      return undefined
    }
    const { id, seq, at, dup } = result
    // The log has passed it already (another tab sent it, or it was purged): no event will come to take the row out.
    if (result.gone || (row.again && dup) || seq <= parts.through(conv)) {
      rows.gone(row)
      return undefined
    }
    row.state = { name: 'stored', id, seq, at }
    row.ackedAt = parts.moment()
    answered(row)
    parts.moved(conv)
    emit(messageStored({ conv, clientId: row.clientId, id, seq, at }))
    return row
  }

  function refuse(row: Row, code: RefusalCode): void {
    // What it replied to was lost as well: better without it than not at all.
    if (code === 'E_NOT_FOUND' && row.replyTo && (row.again || row.putBack || row.isInQuestion)) return void delete row.replyTo
    // It is there, or nobody may put it there any more.
    if (row.again) return rows.gone(row)
    if (code === 'E_ID_CONFLICT') {
      // It was changed where it waited, and had gone out as it was before.
      rows.gone(row)
      return parts.sentOtherwise(row.conv, row.clientId, row.body)
    }
    refused(row, code)
    if (isDone(row)) rows.keepAnew(row)
    else rows.keepState([row])
    answered(row)
  }

  function answered(row: Row): void {
    // The screen calls it sent already, and takes no other word for it than what is here.
    if (row.isInQuestion) rows.emitAll()
    row.isInQuestion = false
  }

  function refused(row: Row, code: RefusalCode): void {
    row.state = { name: 'refused', code }
    row.isRetried = false
    row.isUnanswered = false
    parts.moved(row.conv)
    emit(sendRefused({ conv: row.conv, clientId: row.clientId, code }))
  }

  /** While the answer was on its way the row may have been seen in the log: then it is sent, whatever the answer says. */
  const isStillOut = (row: Row) => rows.find(row.conv, row.clientId) === row && row.state.name !== 'stored'

  function refuseIfHere(row: Row, code: RefusalCode): void {
    if (isStillOut(row)) refuse(row, code)
  }

  /** The batch as a whole was not taken, or nobody knows. */
  function refusedWhole(conv: ConversationId, way: Way, batch: Row[], reply: Refusal): void {
    const { code } = reply
    if (code === 'E_NOT_MEMBER') return parts.notMember(conv)
    if (isRefusal(code)) {
      // Asked about many, refused as one: ask one by one, so that only the guilty row fails.
      if (batch.length > 1) way.batch = 1
      else refuseIfHere(batch[0]!, code)
      return
    }
    way.troubles++
    if (code === 'E_AUTH_EXPIRED') {
      parts.tokenRefused()
      return rest(conv, way, backoffMs(timing, way.troubles, random.unit()))
    }
    if (code === 'E_TIMEOUT' || code === 'E_NO_SESSION') {
      way.batch = Math.max(1, batch.length >> 1)
      if (reply.detail !== undefined) return
      return rest(conv, way, backoffMs(timing, way.troubles, random.unit()))
    }
    if (code === 'E_INTERNAL' && ++way.serverErrors >= ERRORS_BEFORE_VERDICT) {
      way.serverErrors = 0
      // What follows waits behind these: they get no longer pauses than a first failure.
      way.troubles = 1
      if (batch.length > 1) {
        way.suspects = batch.length
        way.batch = 1
      } else {
        way.suspects = Math.max(0, way.suspects - 1)
        return refuseIfHere(batch[0]!, 'E_SERVER_ERROR')
      }
    }
    const wait = Math.max(reply.retryAfterMs ?? 0, code === 'E_RATE' ? 0 : backoffMs(timing, way.troubles, random.unit()))
    rest(conv, way, wait)
    if (code === 'E_RATE' || code === 'E_BUSY' || code === 'E_STORAGE' || code === 'E_INTERNAL')
      emit(sendDelayed({ conv, until: clock.now() + wait, code }))
  }

  function rest(conv: ConversationId, way: Way, ms: number): void {
    endRest(way)
    way.stopRest = clock.after(ms, () => {
      way.stopRest = undefined
      flush(conv)
    })
  }

  function endRest(way: Way): void {
    way.stopRest?.()
    way.stopRest = undefined
  }

  // ---- after a removal ----------------------------------------------------------------------------------------------------------------

  /** What never went out, as far as this tab knows: another one may be sending it, and then only the server can say what became of it. */
  function refuseUnsent(row: Row, code: RefusalCode): void {
    if (row.n === null || row.again) return refuse(row, code)
    if (row.unkept > 0) return
    rows.keep([row], (held) => (held.state.name === 'queued' ? { ...held, state: { name: 'refused', code } } : undefined), {
      kept: () => (isStillOut(row) ? refused(row, code) : undefined),
      turnedDown: parts.reread,
    })
  }

  /** What went out unanswered may have been stored before the removal: the server is asked before anything is called "not sent". */
  async function askFormer(conv: ConversationId, way: Way): Promise<void> {
    const inDoubt = rows
      .of(conv)
      .filter((row) => row.state.name === 'sending' && !isDone(row))
      .slice(0, way.batch)
    if (inDoubt.length === 0) return
    way.underWay = true
    const reply = await parts.request('message:send', { conv, messages: inDoubt.map(draftOf) })
    way.underWay = false
    if (reply.ok) answeredFormer(conv, reply.results)
    else if (reply.code === 'E_NOT_MEMBER' || reply.code === 'E_NOT_FOUND') for (const row of inDoubt) refuseIfHere(row, 'E_NOT_MEMBER')
    else if (reply.code === 'E_INTERNAL' && ++way.serverErrors >= ERRORS_BEFORE_VERDICT) {
      way.serverErrors = 0
      if (inDoubt.length > 1) way.batch = 1
      else refuseIfHere(inDoubt[0]!, 'E_SERVER_ERROR')
    } else return
    return askFormer(conv, way)
  }

  function answeredFormer(conv: ConversationId, results: readonly SendResult[]): void {
    for (const result of results) {
      const row = rows.find(conv, result.clientId)
      if (!row) continue
      if (result.ok) rows.gone(row)
      else refuse(row, result.code)
    }
  }

  return {
    flush,
    flushAll,
    isOld,
    askAboutOld,
    /** The person said so, here or in another tab. */
    allowOld: (): void => {
      allowedThrough = clock.now()
      askAboutOld()
      rows.conversations().forEach(parts.waiting)
      flushAll()
    },
    /** Somebody wants it now. */
    hurry: (conv: ConversationId): void => endRest(wayOf(conv)),
    /** A fresh line: waiting times of the old one no longer hold. */
    lineReturned: (): void => {
      for (const way of ways.values()) {
        endRest(way)
        way.troubles = 0
      }
      askAboutOld()
    },
    /** The person was no longer a member when the server was asked: what was written before and never went out is refused. */
    left: (conv: ConversationId, askedAt: Moment): void => {
      const way = wayOf(conv)
      if (way.underWay) return
      for (const row of rows.of(conv)) if (row.state.name === 'queued' && row.heldSince < askedAt) refuseUnsent(row, 'E_NOT_MEMBER')
      void askFormer(conv, way)
      for (const row of rows.of(conv)) if (row.state.name === 'stored' || isDone(row)) rows.gone(row)
    },
    close: (): void => ways.forEach(endRest),
  }
}

import type { AnswerOf } from '#protocol/events.ts'
import { ANSWER_BYTES, HEADS_MAX, PULL_BYTES_MAX } from '#protocol/limits.ts'
import type { ClientId, ConversationId, Epoch, UserId } from '#protocol/ids.ts'
import { isKnown, type LogEvent, type UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Position, Reset } from '#protocol/sync.ts'
import { conversationReset, conversationsLearned, messagesArrived, pastReplaced } from './facts.ts'
import {
  forgotten,
  freshLog,
  furthestOf,
  hasPassed,
  isBehind,
  learnHead,
  logFromStore,
  marksAfter,
  messagesOf,
  positionOf,
  received,
  restarted,
  rolledBack,
  type ConversationLog,
} from './conversationLog.ts'
import { openKeeping } from './keeping.ts'
import type { Line } from './line.ts'
import type { Moment } from './moments.ts'
import type { Clock, Random } from './ports.ts'
import { notesIn, type Storage, type StoredConversation } from './storage.ts'
import { backoffMs, type Timing } from './timing.ts'

export type CatchUpParts = {
  me: UserId
  clock: Clock
  /** Now. */
  moment: () => Moment
  random: Random
  timing: Timing
  storage: Storage
  request: Line['request']
  emit: (fact: { type: string }) => void
  /** These own messages are with the server: takes them out of the outbox. */
  settle: (conv: ConversationId, messages: readonly ChatMessage[]) => void
  /** The shared outbox has fewer rows now: other tabs may wait for messages of theirs that only this tab saw in the log. */
  outboxChanged: () => void
  /** They are with the server, and the storage could not be told together with the log. */
  unsettled: (clientIds: readonly ClientId[]) => void
  /** Everything up to here is stored on this device. */
  kept: (conv: ConversationId, seq: number) => void
  /** This conversation's own pull is done: its outbox may go. `askedAt`: when the server was asked last. */
  current: (conv: ConversationId, askedAt: Moment) => void
  /** Every conversation is current. */
  allCurrent: () => void
  progressed: () => void
  /**
   * `recent`: the last events of a past that is not the server's. What this person wrote in it may be lost there, but for what is `present`.
   * `epoch`: the server's database is another one; what is kept of that one already is not lost. Resolves when all is safe.
   */
  lostPerhaps: (conv: ConversationId, recent: LogEvent[], present: ReadonlySet<ClientId>, epoch?: Epoch) => Promise<void>
  /** The server's past of these is another one than ours. */
  diverged: (convs: ConversationId[]) => void
  /** The server no longer counts us as a member. */
  left: (conv: ConversationId) => void
  /** Each answer takes so long that two would not come in time. */
  isSlow: () => boolean
  /** The conversation on screen, pulled first. */
  visible: () => ConversationId | undefined
  storageFailed: (error: unknown) => void
}

/** As many messages as a screen may hold. */
const ON_SCREEN_MAX = 200
/** Pulls at the same time: enough to hide the round trip, few enough not to starve the visible conversation. */
const PULLS_AT_ONCE = 4

/**
 * The one way in which anything missed arrives: on first load, after every reconnect, on every gap and every wake-up. A
 * conversation's log is read on from the highest contiguous rev; live events join it only where they fit.
 */
export function openCatchUp(parts: CatchUpParts) {
  const { me, clock, random, timing, storage, emit } = parts
  const logs = new Map<ConversationId, ConversationLog>()
  /** Conversations whose pull is still owed on this connection. */
  const owed = new Set<ConversationId>()
  const pulling = new Set<ConversationId>()
  /** Conversations whose past on the server is not the one we hold: what is stored gives way, whatever its number. */
  const untrue = new Set<ConversationId>()
  /** The last events of a past that is not the server's, from memory. */
  const eventsBefore = new Map<ConversationId, LogEvent[]>()
  /** What is still on screen from before a reset, up to this seq, may have been changed since: the server is asked until it has said. */
  const stale = new Map<ConversationId, number>()
  /** Pulls that went wrong rest, each for itself, so that one bad conversation does not hold up the others. Each ends a rest. */
  const resting = new Map<ConversationId, () => void>()
  /** How many pulls in a row went wrong. */
  const troubles = new Map<ConversationId, number>()
  const gapTimers = new Map<ConversationId, () => void>()
  /** As much as a pull asks for: what this line brings in a second, as far as it has shown. */
  let bytes = ANSWER_BYTES
  /** Grows with every connection; a pull of an older one says nothing about this one. */
  let round = 0
  let isUp = false

  // ---- applying --------------------------------------------------------------------------------------------------------------

  function arrived(log: ConversationLog, events: readonly (LogEvent | UnknownEvent)[], caughtUp: boolean): void {
    const { rev: from, h: fromH } = log
    const ready = received(log, events)
    if (ready.length > 0) {
      const known = ready.filter(isKnown)
      // Also those this tab does not know of: another tab may have written them, and the store must not keep what the log has passed.
      const own = messagesOf(me, known)
      const settled = own.map((message) => message.clientId)
      parts.settle(log.conv, own)
      emit(messagesArrived({ conv: log.conv, events: known, through: { rev: log.rev, seq: log.seq }, caughtUp }))
      const isOther = notesIn(known).length > 0
      if (isOther) learned([log])
      keeping.events(log, { conv: log.conv, from, fromH, events: ready, settled, ...(isOther ? { facts: log.facts } : {}) })
    }
    if (log.early.size > 0) watchGap(log)
  }

  function restart(log: ConversationLog, reset: Reset, force: boolean): void {
    // The log may have gone back to where a wiped storage stands; the screen did not.
    const below = log.lastMessage?.seq ?? 0
    // While it was on its way, or what may be lost was kept, the same past went on here.
    const since = hasPassed(log, reset) ? log.recent.filter(({ rev }) => rev > reset.rev) : []
    const over = force ? 'any past' : { rev: log.rev, h: log.h }
    restarted(log, reset)
    const own = reset.messages.filter((message) => message.sender === me)
    const settled = own.map((message) => message.clientId)
    parts.settle(log.conv, own)
    emit(
      conversationReset({
        conv: log.conv,
        messages: reset.messages,
        notes: notesIn(reset.notes),
        through: { rev: log.rev, seq: log.seq },
        fromCache: false,
      }),
    )
    learned([log])
    keeping.reset(log, reset, { over, settled })
    stale.set(log.conv, Math.min(below, (reset.messages[0]?.seq ?? 1) - 1))
    void revalidate(log)
    arrived(log, since, true)
  }

  async function lostPerhaps(conv: ConversationId, present: ReadonlySet<ClientId>, epoch?: Epoch): Promise<void> {
    const recent = eventsBefore.get(conv) ?? []
    eventsBefore.delete(conv)
    await parts.lostPerhaps(conv, recent, present, epoch)
  }

  async function revalidate(log: ConversationLog): Promise<void> {
    const { conv, past } = log
    for (let [through, left] = [stale.get(conv) ?? 0, ON_SCREEN_MAX]; through > 0 && left > 0;) {
      const page = await parts.request('history:page', { conv, at: { beforeSeq: through + 1 }, limit: left })
      // The next exchange of heads asks again.
      if (!page.ok || logs.get(conv) !== log || log.past !== past) return
      emit(messagesArrived({ conv, events: page.messages.map(asEvent), through: { rev: log.rev, seq: log.seq }, caughtUp: true }))
      through = page.start ? 0 : (page.messages[0]?.seq ?? 1) - 1
      left -= page.messages.length
    }
    stale.delete(conv)
  }

  function learned(which: Iterable<ConversationLog>): void {
    const conversations = [...which].map((log) => ({ facts: log.facts, head: { rev: log.headRev, seq: log.seq }, lastMessage: log.lastMessage }))
    if (conversations.length > 0) emit(conversationsLearned({ conversations }))
  }

  // ---- keeping ----------------------------------------------------------------------------------------------------------------

  const keeping = openKeeping({
    clock,
    storage,
    isPresent: (log) => logs.get(log.conv) === log,
    outboxChanged: parts.outboxChanged,
    unsettled: parts.unsettled,
    kept: parts.kept,
    isBehind: (log, stored) => {
      rolledBack(log, stored)
      need(log)
    },
    isServers: async (stored) => {
      const { conv } = stored
      const convs = positionParts(new Map([[conv, stored]])).find((part) => conv in part) ?? {}
      const reply = await parts.request('sync:heads', { urev: 0, convs })
      return reply.ok && !reply.diverged.includes(conv)
    },
    isStrange: readAnew,
    storageFailed: parts.storageFailed,
  })

  /** What the storage holds may be of another past: it must give way, or nothing read from it is true. */
  function readAnew(log: ConversationLog): void {
    untrue.add(log.conv)
    need(log)
  }

  // ---- pulling ----------------------------------------------------------------------------------------------------------------

  function watchGap(log: ConversationLog): void {
    if (gapTimers.has(log.conv)) return
    // Two frames that overtook each other close the hole by themselves.
    gapTimers.set(
      log.conv,
      clock.after(timing.GAP_MS, () => {
        gapTimers.delete(log.conv)
        if (log.early.size > 0) need(log)
      }),
    )
  }

  /** Nobody will ever pull it. */
  function owesNoMore(conv: ConversationId): void {
    if (owed.delete(conv) && isUp && owed.size === 0) parts.allCurrent()
  }

  function need(log: ConversationLog): void {
    owed.add(log.conv)
    pullNext()
  }

  function pullNext(): void {
    while (isUp && pulling.size < (parts.isSlow() ? 1 : PULLS_AT_ONCE)) {
      const waiting = [...owed].filter((conv) => !pulling.has(conv) && !resting.has(conv))
      const conv = waiting.includes(parts.visible()!) ? parts.visible() : waiting.sort(newestFirst)[0]
      if (!conv) return
      const log = logs.get(conv)
      if (!log) {
        owesNoMore(conv)
        continue
      }
      void pull(log)
    }
  }

  const newestFirst = (a: ConversationId, b: ConversationId) => (logs.get(b)?.lastMessage?.at ?? 0) - (logs.get(a)?.lastMessage?.at ?? 0)

  async function pull(log: ConversationLog): Promise<void> {
    const mine = round
    pulling.add(log.conv)
    try {
      let askedAt = parts.moment()
      for (;;) {
        const isForced = untrue.has(log.conv)
        const told = log.headRev
        const from: number = isForced ? 0 : log.rev
        askedAt = parts.moment()
        const sentAt = clock.now()
        const reply = await parts.request('sync:pull', { conv: log.conv, from, ...(bytes > ANSWER_BYTES && { bytes }) })
        if (mine !== round || logs.get(log.conv) !== log) return
        if (!reply.ok) {
          if (reply.code === 'E_NOT_MEMBER' || reply.code === 'E_NOT_FOUND') parts.left(log.conv)
          else rest(log.conv, reply.retryAfterMs)
          return
        }
        parts.progressed()
        troubles.delete(log.conv)
        // The past turned out to be another one while this was on its way: it may be of the old one.
        if (untrue.has(log.conv) !== isForced) continue
        if ('reset' in reply) {
          if (isForced) {
            // Before what is new goes out, which it does as soon as this pull is done.
            await lostPerhaps(log.conv, new Set(reply.reset.messages.map((message) => message.clientId)))
            if (mine !== round || logs.get(log.conv) !== log) return
          }
          restart(log, reply.reset, isForced)
          untrue.delete(log.conv)
          if (log.headRev <= log.rev) break
          continue
        }
        // The store made us go back while this was on its way.
        if (reply.from > log.rev) continue
        log.headRev = Math.max(log.headRev, reply.head)
        if (reply.to < reply.head) bytes = bytesPerSecond(clock.now() - sentAt)
        if (!isContiguous(reply.events, reply.from, reply.to)) {
          untrue.add(log.conv)
          continue
        }
        arrived(log, reply.events, true)
        const isToldMore = log.headRev > Math.max(told, log.rev)
        if (log.rev >= reply.head && log.early.size === 0 && !isToldMore) break
        if (reply.events.length === 0 && log.rev < reply.head) untrue.add(log.conv)
      }
      owed.delete(log.conv)
      parts.current(log.conv, askedAt)
    } finally {
      if (mine === round) {
        pulling.delete(log.conv)
        if (owed.size === 0) parts.allCurrent()
        else pullNext()
      }
    }
  }

  /** A full answer came in `tookMs`. */
  const bytesPerSecond = (tookMs: number) => Math.max(ANSWER_BYTES, Math.min(PULL_BYTES_MAX, Math.floor((bytes * 1_000) / Math.max(1, tookMs))))

  function rest(conv: ConversationId, retryAfterMs = 0): void {
    const times = (troubles.get(conv) ?? 0) + 1
    troubles.set(conv, times)
    resting.get(conv)?.()
    resting.set(
      conv,
      clock.after(Math.max(retryAfterMs, backoffMs(timing, times, random.unit())), () => {
        resting.delete(conv)
        pullNext()
      }),
    )
  }

  function endRests(): void {
    for (const stop of resting.values()) stop()
    resting.clear()
    troubles.clear()
  }

  /** Nothing held of this log counts any more, but what this person wrote. */
  function begunAnew(log: ConversationLog, because: 'restored' | 'repaired', epoch?: Epoch): void {
    // Found out twice before it was read anew: what was in memory the first time is still wanted.
    eventsBefore.set(log.conv, [...(eventsBefore.get(log.conv) ?? []), ...log.recent])
    forgotten(log)
    keeping.pastLost(log.conv, epoch)
    stale.delete(log.conv)
    owed.add(log.conv)
    emit(pastReplaced({ conv: log.conv, because }))
  }

  // ---- heads ------------------------------------------------------------------------------------------------------------------

  /** At most `HEADS_MAX` conversations a part. `further`: where something stands that is not this tab's log. */
  function positionParts(further: ReadonlyMap<ConversationId, StoredConversation> = new Map()): Record<ConversationId, Position>[] {
    const entries = [...logs.values()].map((log) => {
      const row = further.get(log.conv)
      return [log.conv, row ? positionOf(row) : furthestOf(log)] as const
    })
    const partsOf: Record<ConversationId, Position>[] = []
    for (let at = 0; at === 0 || at < entries.length; at += HEADS_MAX) partsOf.push(Object.fromEntries(entries.slice(at, at + HEADS_MAX)))
    return partsOf
  }

  /** Compares with what the server says there is. Returns true when nothing was missing. */
  function compared(answer: AnswerOf<'sync:heads'>): boolean {
    const changed: ConversationLog[] = []
    for (const conv of answer.left) parts.left(conv)
    for (const [id, head] of Object.entries(answer.heads)) {
      const conv = id as ConversationId
      const log = logs.get(conv) ?? freshLog(head)
      logs.set(conv, log)
      log.headRev = Math.max(log.headRev, head.rev)
      learnHead(log, head)
      changed.push(log)
      keeping.facts(log)
      if (isBehind(log) || log.rev === 0) owed.add(conv)
    }
    for (const conv of answer.diverged) {
      const log = logs.get(conv)
      if (!log) continue
      untrue.add(conv)
      begunAnew(log, 'restored')
    }
    if (answer.diverged.length > 0) parts.diverged(answer.diverged)
    for (const conv of stale.keys()) void revalidate(logs.get(conv)!)
    learned(changed)
    return owed.size === 0
  }

  return {
    log: (conv: ConversationId) => logs.get(conv),
    conversations: () => logs.keys(),
    /**
     * Those that are kept further than this tab has come, by tabs of the same past or of one that was lost: only the server can say. Of one that is
     * read anew it has been asked.
     */
    keptFurther: (stored: readonly StoredConversation[]): Map<ConversationId, StoredConversation> => {
      const isUnknown = ({ conv, rev }: StoredConversation) => !untrue.has(conv) && keeping.trusts(conv) && rev > (logs.get(conv)?.rev ?? Infinity)
      return new Map(stored.filter(isUnknown).map((row) => [row.conv, row]))
    },
    positionParts,
    load: (stored: StoredConversation[]) => {
      for (const row of stored) logs.set(row.conv, logFromStore(row))
      learned(logs.values())
    },
    compared,
    /** The line is open: pulls what is owed. */
    up: () => {
      round++
      isUp = true
      pulling.clear()
      endRests()
      if (owed.size === 0) parts.allCurrent()
      else pullNext()
    },
    down: () => {
      // Where the server stands is asked anew; what waited above a hole may by then be of another past.
      for (const log of logs.values()) {
        log.early.clear()
        log.headRev = log.rev
      }
      round++
      isUp = false
      bytes = ANSWER_BYTES
      pulling.clear()
    },
    /** Pull what is owed now (after an exchange of heads). */
    pullNext,
    isCurrent: (conv: ConversationId) => isUp && logs.has(conv) && !owed.has(conv),
    arrived: (conv: ConversationId, events: (LogEvent | UnknownEvent)[]): boolean => {
      const log = logs.get(conv)
      if (!log) return false
      arrived(log, events, false)
      return true
    },
    headSeen: (conv: ConversationId, rev: number): boolean => {
      const log = logs.get(conv)
      if (!log) return false
      if (rev > log.rev) {
        log.headRev = Math.max(log.headRev, rev)
        need(log)
      }
      return true
    },
    /** Returns false when marks or members are missing before this change. */
    marked: (change: { conv: ConversationId; user: UserId; delivered: number; read: number; marksRev: number }): boolean => {
      const log = logs.get(change.conv)
      if (!log) return false
      const isComplete = marksAfter(log, me, change)
      keeping.facts(log)
      return isComplete
    },
    /** What is here is not what the server has: reads it anew. */
    repair: (conv: ConversationId) => {
      const log = logs.get(conv)
      if (!log) return
      untrue.add(conv)
      begunAnew(log, 'repaired')
      pullNext()
    },
    forget: (conv: ConversationId) => {
      const log = logs.get(conv)
      logs.delete(conv)
      stale.delete(conv)
      owesNoMore(conv)
      keeping.forget(conv, () => logs.has(conv))
      return log
    },
    /** The server's database is another one than the one we knew. */
    restartAll: async (epoch: Epoch) => {
      for (const log of logs.values()) begunAnew(log, 'restored', epoch)
      // First what may be lost, then the cache it is in.
      for (const conv of logs.keys()) await lostPerhaps(conv, new Set(), epoch)
      await keeping.restart(epoch, logs.keys())
    },
    /** When everything received so far is in the store. */
    written: keeping.written,
    /** What the storage holds of it is of the server's past. */
    trusts: keeping.trusts,
    close: () => {
      endRests()
      for (const stop of gapTimers.values()) stop()
    },
  }
}

function isContiguous(events: readonly (LogEvent | UnknownEvent)[], from: number, to: number): boolean {
  return events.every((event, at) => event.rev === from + 1 + at) && to === (events.at(-1)?.rev ?? from)
}

/** A message read from history in the shape slices take: its present state, as if it arrived now. */
function asEvent(message: ChatMessage): LogEvent {
  return { kind: 'new', conv: message.conv, rev: message.version, h: '0000000000000000', at: message.at, actor: message.sender, message }
}

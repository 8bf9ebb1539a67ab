import type { ConversationId, Epoch, MessageId, UserId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { messagesAfter, type ConversationLog } from './conversationLog.ts'
import { refusal } from '#protocol/reply.ts'
import { conversationReset, historyArrived, historyUnavailable, stretchArrived, stretchUnavailable } from './facts.ts'
import type { Line } from './line.ts'
import { NO_PAGE, notesIn, type Storage, type StoredPage } from './storage.ts'

export type PagesParts = {
  me: UserId
  storage: Storage
  request: Line['request']
  emit: (fact: { type: string }) => void
  log: (conv: ConversationId) => ConversationLog | undefined
  /** Of the server's database, as far as this tab has met it. */
  epoch: () => Epoch | null
  /** What the storage holds of it is of the server's past. */
  trusts: (conv: ConversationId) => boolean
  /** When everything received so far is in the storage. */
  written: (conv: ConversationId) => Promise<void>
  /** These own messages are with the server: any sighting proves it. */
  seen: (conv: ConversationId, messages: readonly ChatMessage[]) => void
  /** The conversation on screen. */
  visible: () => ConversationId | undefined
  /** There is no line, and one is being made. */
  isDialling: () => boolean
  storageFailed: (error: unknown) => void
}

/** Messages shown when a conversation opens, and those added each time the reader nears the top. */
const OPEN_MESSAGES = 60
const OLDER_MESSAGES = 40

/**
 * The pages of messages that screens ask for: from this browser's storage where it has them, from the server where it does not. What
 * happens after that reaches the screen through the log.
 */
export function openPages(parts: PagesParts) {
  const { storage, request, emit } = parts
  /** Conversations whose newest page is on screen, or on its way there. */
  const shown = new Set<ConversationId>()
  /** What only the server can show, until there is a line. */
  let awaited: { conv: ConversationId; id: MessageId } | undefined

  /** Whether what was asked about this log is still to be used. */
  function following(log: ConversationLog): () => boolean {
    const { past } = log
    return () => parts.log(log.conv) === log && log.past === past
  }

  async function held(conv: ConversationId, beforeSeq: number, limit: number): Promise<StoredPage> {
    if (!parts.trusts(conv)) return NO_PAGE
    return storage.page(conv, beforeSeq, limit, parts.epoch()).catch((error: unknown) => {
      parts.storageFailed(error)
      return NO_PAGE
    })
  }

  async function keep(log: ConversationLog, messages: ChatMessage[], notes: ReturnType<typeof notesIn>, readAt: number): Promise<void> {
    if (parts.trusts(log.conv)) await storage.keepPage(log.conv, messages, notes, Math.max(readAt, log.rev)).catch(parts.storageFailed)
  }

  /** The newest page, once, as soon as the conversation is on screen. */
  async function showNewest(conv: ConversationId): Promise<void> {
    const log = parts.log(conv)
    if (conv !== parts.visible() || shown.has(conv) || !log || log.rev === 0) return
    shown.add(conv)
    const isWanted = following(log)
    await parts.written(conv)
    if (!isWanted()) return
    const page = await held(conv, log.seq + 1, OPEN_MESSAGES)
    if (!isWanted()) return
    // What is kept of another past than this tab's is not going to be shown.
    if (isInStep(log, page)) settle(conv, page.messages)
    const lastSeq = page.messages.at(-1)?.seq ?? 0
    // What arrived while the storage was read.
    const newer = log.recent.flatMap((event) => (event.kind === 'new' && event.message.seq > lastSeq ? [event.message] : []))
    const isJoined = lastSeq === 0 || (newer[0]?.seq ?? lastSeq + 1) === lastSeq + 1
    const messages = messagesAfter(isJoined ? [...page.messages, ...newer] : newer, log.recent)
    const isWhole = messages.at(-1)?.seq === log.seq || log.seq === log.facts.visibleFrom
    if (isWhole && isInStep(log, page)) return reset(log, messages, page.notes)
    // The storage has lost what the log has passed: deleted, damaged, or it would not take it. Or it holds what the log has not reached.
    const reply = await request('history:page', { conv, at: { beforeSeq: log.seq + 1 }, limit: OPEN_MESSAGES })
    if (!isWanted()) return
    if (!reply.ok) {
      shown.delete(conv)
      // Better a part of what is here than nothing.
      return isInStep(log, page) ? reset(log, messages, page.notes) : undefined
    }
    const notes = notesIn(reply.notes)
    settle(conv, reply.messages)
    const now = messagesAfter(reply.messages, log.recent)
    reset(log, now, notes)
    await keep(log, now, notes, reply.rev)
  }

  const settle = (conv: ConversationId, messages: readonly ChatMessage[]) =>
    parts.seen(
      conv,
      messages.filter((message) => message.sender === parts.me),
    )

  function reset(log: ConversationLog, messages: ChatMessage[], notes: ReturnType<typeof notesIn>): void {
    if (messages.length === 0) return
    emit(conversationReset({ conv: log.conv, messages, notes, through: { rev: log.rev, seq: log.seq }, fromCache: true }))
  }

  /** `afterSeq`: of a gap, which is read into from both sides. */
  function showOlder(conv: ConversationId, beforeSeq: number, afterSeq?: number): void {
    const rest = afterSeq === undefined ? 0 : Math.min(OLDER_MESSAGES, beforeSeq - afterSeq - 1 - OLDER_MESSAGES)
    if (rest > 0) void showPage(conv, beforeSeq, rest, afterSeq)
    void showPage(conv, beforeSeq, OLDER_MESSAGES)
  }

  /** What was asked for with `beforeSeq`: so many messages before it, or after `afterSeq`. */
  async function showPage(conv: ConversationId, beforeSeq: number, limit: number, afterSeq?: number): Promise<void> {
    const log = parts.log(conv)
    if (!log) return emit(historyUnavailable({ conv, beforeSeq }))
    const isWanted = following(log)
    const page = await held(conv, afterSeq === undefined ? beforeSeq : afterSeq + limit + 1, limit)
    if (!isWanted()) return
    const arrived = (messages: ChatMessage[], notes: ReturnType<typeof notesIn>, start: boolean) =>
      emit(historyArrived({ conv, beforeSeq, afterSeq, messages: messagesAfter(messages, log.recent), notes, start }))
    const reachesStart = page.messages[0]?.seq === log.facts.visibleFrom + 1
    if ((page.messages.length === limit || reachesStart) && isInStep(log, page)) return arrived(page.messages, page.notes, reachesStart)
    const at = afterSeq === undefined ? { beforeSeq } : { afterSeq }
    const reply = await request('history:page', { conv, at, limit })
    if (!isWanted()) return
    if (!reply.ok) {
      // Better what is here than nothing: the rest comes with the next request.
      if (page.messages.length === 0 || !isInStep(log, page)) return emit(historyUnavailable({ conv, beforeSeq }))
      return arrived(page.messages, page.notes, false)
    }
    const notes = notesIn(reply.notes)
    settle(conv, reply.messages)
    arrived(reply.messages, notes, reply.start)
    await keep(log, messagesAfter(reply.messages, log.recent), notes, reply.rev)
  }

  async function showAround(conv: ConversationId, id: MessageId): Promise<void> {
    awaited = undefined
    const log = parts.log(conv)
    const isWanted = log && following(log)
    const wasDialling = parts.isDialling()
    const reply = log ? await request('history:page', { conv, at: { around: id }, limit: OPEN_MESSAGES }) : refusal('E_TIMEOUT')
    const isGone = !reply.ok && reply.code === 'E_NOT_FOUND'
    const page = reply.ok ? { ...reply, notes: notesIn(reply.notes) } : log && !isGone ? await keptAround(log, id) : undefined
    if (log && page && isWanted?.()) {
      const messages = messagesAfter(page.messages, log.recent)
      if (reply.ok) settle(conv, messages)
      return emit(stretchArrived({ conv, messages, notes: page.notes, start: reply.ok && reply.start }))
    }
    if (reply.ok || isGone || !(wasDialling || parts.isDialling())) return emit(stretchUnavailable({ conv, id, gone: isGone }))
    awaited = { conv, id }
    lineChanged()
  }

  /** There is a line again, or nobody is making one. */
  function lineChanged(): void {
    if (awaited && !parts.isDialling()) void showAround(awaited.conv, awaited.id)
  }

  /** What this browser keeps around a message, when the server can't be asked: from the newest page down to the one that holds it. */
  async function keptAround(log: ConversationLog, id: MessageId): Promise<StoredPage | undefined> {
    for (let before = log.seq + 1; before > 1;) {
      const page = await held(log.conv, before, OPEN_MESSAGES)
      if (!isInStep(log, page)) return undefined
      if (page.messages.some((message) => message.id === id)) return page
      before = page.messages[0]?.seq ?? (page.below ?? 0) + 1
    }
    return undefined
  }

  return {
    showNewest,
    showOlder,
    showAround,
    lineChanged,
    forget: (conv: ConversationId) => void shown.delete(conv),
  }
}

/**
 * Whether what is kept, with what happened since, is what the log says. Another tab may have kept what this one has not heard of, or another
 * past than this one still believes in; or the storage is so slow, or has failed for so long, that this tab does not remember all that happened
 * since. Then only the server can say what is true. The trail goes no further back than what is remembered.
 */
const isInStep = (log: ConversationLog, { kept }: StoredPage): boolean => kept.h === log.trail.get(kept.rev)

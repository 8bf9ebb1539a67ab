import type { ClientId, ConversationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { messageKeptInMemory, outboxRowRemoved, type OutboxRow, type OutboxState, type WrittenMessage } from './facts.ts'
import { FRESH, isDone, isOnlyHere, isOut, offered, type Row } from './outboxRow.ts'
import type { Moment } from './moments.ts'
import { openOutboxRows, type OutboxRowsParts } from './outboxRows.ts'
import { openSending, type SendingParts } from './sending.ts'
import { keptState, type OutboxSnapshot } from './storage.ts'

export type OutboxParts = OutboxRowsParts &
  SendingParts & {
    /** Other tabs should take this row away: nobody will ever send it. */
    discarded: (conv: ConversationId, clientId: ClientId) => void
  }

type SentMessage = Pick<ChatMessage, 'clientId' | 'body' | 'editedAt' | 'deletedAt'>

/**
 * What the person wants of a message that waited, should it turn up in the log nevertheless: that it is gone, or says something else than it
 * ever said where it waited. `tooLate` asks for that as a change of its own. `isKept`: the storage has it; until then only this page knows.
 */
type Wish = { isKept: boolean; tooLate: () => void } & ({ name: 'gone' } | { name: 'rewritten'; were: Set<string> })

/**
 * The outbox: what was written and is not yet in the log. Rows are kept by `openOutboxRows` and go out by `openSending`; this is what a person
 * and the log do to them. It subscribes to what happens and sends whenever it may; nobody calls "send".
 */
export function openOutbox(parts: OutboxParts) {
  const { clock, emit } = parts
  const rows = openOutboxRows(parts, (conv) => {
    parts.moved(conv)
    parts.waiting(conv)
    sending.flush(conv)
  })
  const sending = openSending(rows, parts)
  const wishes = new Map<ClientId, Wish>()
  /** Conversations whose log was found to be of a past that the server has lost. */
  const pastsLost = new Set<ConversationId>()

  /** Takes what is stored, at start and when another tab changed it. */
  function load(snapshot: OutboxSnapshot): void {
    rows.merge(snapshot)
    rows.emitAll()
    sending.askAboutOld()
    sending.flushAll()
  }

  /** A wish for what has left unsent, or was taken back by another tab, is none any more. */
  function isWishUnkept(): boolean {
    const isBeingTakenBack = [...wishes.values()].some((wish) => wish.name === 'gone' && !wish.isKept)
    return isBeingTakenBack || rows.all().some(({ clientId }) => wishes.get(clientId)?.isKept === false)
  }

  // ---- what the log does --------------------------------------------------------------------------------------------------------------

  /** Own messages in the log: they leave. The transaction that keeps the log takes them out of the storage. */
  function settled(conv: ConversationId, messages: readonly SentMessage[]): void {
    rows.remove(
      conv,
      messages.map((message) => message.clientId),
    )
    for (const { clientId, body, editedAt, deletedAt } of messages) {
      const wish = wishes.get(clientId)
      wishes.delete(clientId)
      const isGranted = wish?.name === 'rewritten' && (!wish.were.has(body) || editedAt !== undefined || deletedAt !== undefined)
      if (!isGranted) wish?.tooLate()
    }
  }

  /** The server may not have it any more. */
  function sendAgain(row: Row): void {
    // What another tab settled is no longer in the storage either.
    const isKept = row.n !== null && !isDone(row)
    row.putBack = true
    row.wasOut = true
    row.state = { name: 'sending', since: clock.now(), memory: !isKept }
    if (!isKept) return rows.keepAnew(row)
    rows.keep([row], (held) => (held.state.name === 'stored' ? { ...held, putBack: true, state: keptState(row.state) } : undefined))
  }

  // ---- what the person does -----------------------------------------------------------------------------------------------------------

  /** Nobody will send this one; what waited behind it may go. */
  function takenBack(conv: ConversationId, clientId: ClientId): void {
    rows.remove(conv, [clientId])
    sending.askAboutOld()
    sending.flush(conv)
  }

  /** It was taken back, and may still be on screen. */
  const isLeaving = (row: Row | undefined, clientId: ClientId) => !row && wishes.get(clientId)?.name === 'gone'
  /** It is on its way, or may be there already. */
  const isTooLate = (row: Row) => row.again || isOut(row.state)

  /** `tooLate`: only a deletion can take it back. */
  function discard(conv: ConversationId, clientId: ClientId, tooLate: () => void): void {
    const row = rows.find(conv, clientId)
    if (isLeaving(row, clientId)) return
    if (!row || isTooLate(row)) return tooLate()
    takenBack(conv, clientId)
    const wish: Wish = { name: 'gone', isKept: false, tooLate }
    wishes.set(clientId, wish)
    // It leaves the screen when it has left the storage: then it does not come back, whatever happens to this page.
    const leaveScreen = () => emit(outboxRowRemoved({ conv, clientId }))
    if (row.state.name === 'queued' && row.state.memory) leaveScreen()
    const done = (snapshot: OutboxSnapshot) => {
      wish.isKept = true
      const isOpen = wishes.get(clientId) === wish
      if (!snapshot.rows.some((held) => held.clientId === clientId)) {
        leaveScreen()
        if (isOpen) parts.discarded(conv, clientId)
      } else if (isOpen) {
        // Another tab is sending it.
        wishes.delete(clientId)
        rows.mayReturn((left) => left === clientId)
        load(snapshot)
        tooLate()
      }
    }
    rows.discard(row, done, leaveScreen)
  }

  /** `tooLate`: only an edit of the message can change it. */
  function edit(conv: ConversationId, clientId: ClientId, body: string, tooLate: () => void): void {
    const row = rows.find(conv, clientId)
    if (isLeaving(row, clientId)) return
    if (!row || isTooLate(row)) return tooLate()
    /** Its text where all tabs see it. */
    let there = row.body
    row.body = body
    if (row.state.name === 'refused') return retryWith(row)
    const before = wishes.get(clientId)
    const were = new Set(before?.name === 'rewritten' ? before.were : []).add(there)
    were.delete(body)
    const wish: Wish = { name: 'rewritten', isKept: false, were, tooLate }
    wishes.set(clientId, wish)
    let isThere = false
    const change = (held: OutboxRow) => {
      isThere = true
      there = held.body
      return held.state.name === 'queued' ? { ...held, body: row.body } : undefined
    }
    rows.keep([row], change, {
      // As it is kept, so it stands on screen.
      kept: () => {
        wish.isKept = true
        rows.emitAll()
      },
      failed: rows.emitAll,
      turnedDown: () => {
        wish.isKept = row.n === null
        // Unless it was changed once more since, or is not there: then the log tells, or it is kept anew as it is here.
        if (isThere && wishes.get(clientId) === wish) {
          wishes.delete(clientId)
          // Another tab sends it, with the text it has there: so does this one from now on.
          row.body = there
          tooLate()
        }
        rows.emitAll()
      },
    })
  }

  /** What was refused goes out once more, as it is now. */
  function retryWith(row: Row): void {
    row.state = { name: 'queued', memory: row.n === null }
    row.isRetried = true
    // That it was refused may not have been kept yet.
    const isOver = (state: OutboxState) => state.name === 'refused' || state.name === 'sending'
    rows.keep([row], (held) => (isOver(held.state) ? { ...held, body: row.body, state: keptState(row.state) } : undefined))
    rows.emitAll()
    sending.flush(row.conv)
  }

  return {
    load,
    flush: sending.flush,
    flushAll: sending.flushAll,
    lineReturned: sending.lineReturned,
    left: sending.left,
    allowOld: sending.allowOld,
    write: (message: WrittenMessage): void => {
      if (!rows.find(message.conv, message.clientId)) rows.write({ ...message, state: { name: 'saving' }, ...FRESH, n: null })
    },
    /** The server's past is not the one that took these rows: they go out again, with the same ids. */
    offerAgain: (convs: Iterable<ConversationId>): void => {
      const lost = new Set(convs)
      rows.mayReturn((_, conv) => lost.has(conv))
      for (const conv of lost) {
        pastsLost.add(conv)
        for (const row of rows.of(conv)) if (row.state.name === 'stored' || isDone(row)) sendAgain(row)
      }
      rows.emitAll()
      // What other tabs offer again was taken for a remainder until now.
      parts.reread()
    },
    /**
     * Own messages of a past that the server may have lost: they go out once more, before everything else, with the same ids. Resolves when
     * they are kept, or can't be.
     */
    offer: async (conv: ConversationId, messages: readonly ChatMessage[]): Promise<void> => {
      const lost = messages.filter(({ deletedAt }) => deletedAt === undefined)
      // What another tab saw in that past is still in sight here, and keeps its place.
      for (const { clientId, body } of lost) {
        const row = rows.find(conv, clientId)
        if (row && isDone(row)) sendAgain(Object.assign(row, { body }))
      }
      const left = lost.filter(({ clientId }) => !rows.find(conv, clientId))
      await rows.offer(conv, left.map(offered))
    },
    settled,
    /** The transaction that should have taken these out failed: on their own, again and again. */
    unsettled: (clientIds: readonly ClientId[]): void => clientIds.forEach(rows.takeOut),
    /** Own messages seen elsewhere, as in a page of history: they leave, and the storage is told. */
    seen: (conv: ConversationId, messages: readonly SentMessage[]): void => {
      const held = messages.filter(({ clientId }) => rows.find(conv, clientId))
      settled(conv, messages)
      for (const { clientId } of held) rows.takeOut(clientId)
    },
    /** The log is here up to where the server's was when it was asked: what other tabs had seen in it before is in it. */
    caughtUp: (conv: ConversationId, askedAt: Moment): void => {
      for (const row of rows.of(conv)) {
        const isMissing = isDone(row) ? row.doneAt < askedAt : row.state.name === 'stored' && row.ackedAt < askedAt
        if (!isMissing) continue
        // Another tab saw it. One that does not know yet that a past is lost may have seen it there.
        if (isDone(row) && !(pastsLost.has(conv) && row.wasOut)) rows.gone(row)
        // With the server, and not in a log that should have it: purged, or a backup was restored and nobody else noticed. The server knows.
        else row.isInQuestion = true
      }
      sending.flush(conv)
    },
    retry: (conv: ConversationId, clientId: ClientId): void => {
      const row = rows.find(conv, clientId)
      sending.hurry(conv)
      // "Send now" of one that waits for a word is the word.
      if (row && sending.isOld(row)) return sending.allowOld()
      if (row?.state.name === 'refused') {
        row.state = { name: 'queued', memory: row.n === null }
        row.isRetried = true
        rows.keepState([row])
        if (row.n === null) emit(messageKeptInMemory({ conv, clientId }))
      }
      parts.waiting(conv)
      sending.flush(conv)
    },
    discard,
    edit,
    /** Another tab discarded it. `tooLate`: this one could not tell it that it is on its way. */
    discardedElsewhere: (conv: ConversationId, clientId: ClientId, tooLate: () => void): void => {
      const row = rows.find(conv, clientId)
      const isInTheLog = !row && rows.hasLeft(clientId) && wishes.get(clientId)?.name !== 'gone'
      if (row?.isUnanswered || row?.state.name === 'stored' || isInTheLog) return tooLate()
      takenBack(conv, clientId)
      emit(outboxRowRemoved({ conv, clientId }))
    },
    /** Does the server have this message by now, and who else knows that it doesn't? */
    whereabouts: (conv: ConversationId, clientId: ClientId) => {
      const row = rows.find(conv, clientId)
      if (!row || (!row.isInQuestion && (isDone(row) || row.state.name === 'stored'))) return 'with the server'
      if (row.state.name === 'refused') return 'refused'
      return row.n === null || isOnlyHere(row) ? 'on its way, in this tab only' : 'on its way'
    },
    conversations: rows.conversations,
    /** No other tab can see these rows, so no other tab can send them. */
    hasOwnRows: (conv: ConversationId) => rows.of(conv).some(isOnlyHere),
    /** Words that are lost when this page goes away now, or what is to be done to them where they wait. */
    hasUnsaved: () => rows.hasUnsaved() || isWishUnkept(),
    /** Resolves when what was written is kept, or can't be. */
    close: (): Promise<void> => {
      sending.close()
      return rows.close()
    },
  }
}

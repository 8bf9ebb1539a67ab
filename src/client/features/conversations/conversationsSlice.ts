import { createReducer } from '@reduxjs/toolkit'
import {
  catchUpStarted,
  conversationClosed,
  conversationLeft,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  historyArrived,
  messageWritten,
  pastReplaced,
  messagesArrived,
  readThrough,
  receiptsChanged,
  roomsSynced,
  sessionStarted,
  type Cursor,
} from '#client/live/facts.ts'
import type { ConversationFacts } from '#protocol/conversation.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { messageAfter, type LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { addedBy, dividerAfter, dividerAtEntry, type Divider } from './divider.ts'
import { readFloor } from './unread.ts'

export type ConversationEntry = {
  facts: ConversationFacts
  /** How far the log is known to reach. */
  head: Cursor
  lastMessage: ChatMessage | null
  /** Seqs of own messages above the read mark: they are never unread. */
  ownAbove: number[]
}

/** The conversation on screen. `shownThrough`: everything up to this seq had been shown or was there when it was opened. */
export type OpenConversation =
  | { name: 'unknown'; conv: ConversationId }
  | { name: 'known'; conv: ConversationId; shownThrough: number; divider: Divider | null }

export type LeftConversation = { name: string; by: UserId | null; removed: boolean }

export type ConversationsState = {
  me: UserId | null
  byId: Record<ConversationId, ConversationEntry>
  left: Record<ConversationId, LeftConversation>
  open: OpenConversation | null
  /** The server has been asked at least once: a conversation that is not here doesn't exist for this person. */
  complete: boolean
  /** From losing the line until everything missed is here. Numbered, so that what was missed in one is counted together. */
  absence: { number: number; isOver: boolean }
}

const initialState: ConversationsState = {
  me: null,
  byId: emptyRecord(),
  left: emptyRecord(),
  open: null,
  complete: false,
  absence: { number: 0, isOver: false },
}

export const conversationsReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(sessionStarted, (state, { payload }) => {
      state.me = payload.user.id
    })
    .addCase(conversationsLearned, (state, { payload }) => {
      for (const { facts, head, lastMessage } of payload.conversations) {
        delete state.left[facts.id]
        const before = state.byId[facts.id]
        const entry: ConversationEntry = {
          // What was read here a moment ago may not have reached the server yet.
          facts: { ...facts, read: Math.max(facts.read, before?.facts.read ?? 0) },
          head: furthest(head, before?.head),
          lastMessage: newer(before?.lastMessage ?? null, lastMessage),
          ownAbove: before?.ownAbove ?? [],
        }
        if (lastMessage) noteOwn(entry, [lastMessage], state.me)
        state.byId[facts.id] = entry
        if (state.open?.name === 'unknown' && state.open.conv === facts.id) state.open = opened(state, facts.id)
      }
    })
    .addCase(catchUpStarted, (state) => {
      if (state.absence.isOver) state.absence = { number: state.absence.number + 1, isOver: false }
    })
    .addCase(roomsSynced, (state) => {
      state.complete = true
      state.absence.isOver = true
    })
    .addCase(conversationLeft, (state, { payload }) => {
      const { conv, name, by, removed } = payload
      delete state.byId[conv]
      state.left[conv] = { name, by, removed }
    })
    .addCase(conversationOpened, (state, { payload }) => {
      if (state.open?.conv !== payload.conv) state.open = opened(state, payload.conv)
    })
    .addCase(conversationClosed, (state, { payload }) => {
      if (state.open?.conv === payload.conv) state.open = null
    })
    .addCase(messageWritten, (state, { payload }) => {
      if (state.open?.name === 'known' && state.open.conv === payload.conv) state.open.divider = null
    })
    .addCase(readThrough, (state, { payload }) => raiseRead(state.byId[payload.conv], payload.seq))
    .addCase(receiptsChanged, (state, { payload }) => {
      if (payload.user === state.me) raiseRead(state.byId[payload.conv], payload.read)
    })
    .addCase(messagesArrived, (state, { payload }) => {
      const entry = state.byId[payload.conv]
      const messages = payload.events.flatMap((event) => (event.kind === 'new' ? [event.message] : []))
      if (entry) {
        for (const event of payload.events) entry.lastMessage = lastAfter(entry.lastMessage, event)
        noteNames(entry, messages)
        entry.head = furthest(payload.through, entry.head)
        noteOwn(entry, messages, state.me)
      }
      show(state, payload.conv, addedBy(messages, state.me, shownThrough(state)), payload.caughtUp)
    })
    .addCase(conversationReset, (state, { payload }) => {
      const entry = state.byId[payload.conv]
      if (entry) {
        const newest = payload.messages.at(-1) ?? null
        // The server's word is the truth even when it takes something back; the cache only adds.
        entry.lastMessage = payload.fromCache ? newer(entry.lastMessage, newest) : newest
        entry.head = payload.fromCache ? furthest(payload.through, entry.head) : payload.through
        noteOwn(entry, payload.messages, state.me)
      }
      const before = shownThrough(state)
      const own = payload.messages.filter((message) => message.seq > before && message.sender === state.me).length
      const count = Math.max(0, payload.through.seq - before - own)
      show(state, payload.conv, { firstSeq: before + 1, throughSeq: payload.through.seq, count }, !payload.fromCache)
    })
    .addCase(pastReplaced, (state, { payload: { conv, because } }) => {
      // Only what is kept here was wrong: the server's numbers are what they were.
      if (because === 'repaired') return
      delete state.byId[conv]
      if (state.open?.conv === conv) state.open = { name: 'unknown', conv }
    })
    .addCase(historyArrived, (state, { payload }) => {
      const entry = state.byId[payload.conv]
      if (entry) noteOwn(entry, payload.messages, state.me)
    })
})

function opened(state: ConversationsState, conv: ConversationId): OpenConversation {
  const entry = state.byId[conv]
  if (!entry) return { name: 'unknown', conv }
  return { name: 'known', conv, shownThrough: Math.max(entry.head.seq, readFloor(entry)), divider: dividerAtEntry(entry, state.absence.number) }
}

const shownThrough = (state: ConversationsState): number => (state.open?.name === 'known' ? state.open.shownThrough : 0)

/** Messages were added to the open conversation. Those missed while the line was away stand under a divider. */
function show(
  state: ConversationsState,
  conv: ConversationId,
  added: { firstSeq: number; throughSeq: number; count: number },
  isCaughtUp: boolean,
): void {
  const { open, absence } = state
  if (open?.name !== 'known' || open.conv !== conv || added.throughSeq <= open.shownThrough) return
  open.shownThrough = added.throughSeq
  if (isCaughtUp && !absence.isOver) open.divider = dividerAfter(open.divider, added, state.byId[conv]?.facts.read ?? 0, absence.number)
}

function newer(a: ChatMessage | null, b: ChatMessage | null): ChatMessage | null {
  if (!a || !b) return a ?? b
  if (a.seq !== b.seq) return a.seq > b.seq ? a : b
  return b.version > a.version ? b : a
}

const lastAfter = (last: ChatMessage | null, event: LogEvent): ChatMessage | null =>
  event.kind === 'new' ? newer(last, event.message) : last && messageAfter(last, event)

const furthest = (a: Cursor, b: Cursor | undefined): Cursor => ({ rev: Math.max(a.rev, b?.rev ?? 0), seq: Math.max(a.seq, b?.seq ?? 0) })

function raiseRead(entry: ConversationEntry | undefined, seq: number): void {
  if (!entry || seq <= entry.facts.read) return
  entry.facts.read = seq
  entry.ownAbove = entry.ownAbove.filter((own) => own > seq)
}

/** What the server tells of a message carries its sender’s name as it is then: somebody who is called otherwise is so at once. */
function noteNames(entry: ConversationEntry, messages: readonly ChatMessage[]): void {
  for (const { sender, senderName } of messages) {
    const member = entry.facts.members.find(({ id }) => id === sender)
    if (member) member.name = senderName
  }
}

function noteOwn(entry: ConversationEntry, messages: readonly ChatMessage[], me: UserId | null): void {
  const floor = readFloor(entry)
  for (const { sender, seq } of messages) if (sender === me && seq > floor && !entry.ownAbove.includes(seq)) entry.ownAbove.push(seq)
}

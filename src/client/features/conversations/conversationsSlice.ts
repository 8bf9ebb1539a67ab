import { createReducer } from '@reduxjs/toolkit'
import {
  connectionLost,
  conversationClosed,
  conversationLeft,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  historyArrived,
  messageWritten,
  messagesArrived,
  readThrough,
  receiptsChanged,
  roomsSynced,
  sessionStarted,
  type Cursor,
} from '#client/live/facts.ts'
import type { ConversationFacts } from '#protocol/conversation.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { MARKS_MAX_MEMBERS } from '#protocol/limits.ts'
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
  /** Counts absences, so that what was missed in one is counted together. */
  absence: number
}

const initialState: ConversationsState = { me: null, byId: {}, left: {}, open: null, complete: false, absence: 0 }

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
          facts: { ...facts, read: Math.max(facts.read, before?.facts.read ?? 0) },
          head: { rev: Math.max(head.rev, before?.head.rev ?? 0), seq: Math.max(head.seq, before?.head.seq ?? 0) },
          lastMessage: newer(before?.lastMessage ?? null, lastMessage),
          ownAbove: before?.ownAbove ?? [],
        }
        if (lastMessage) noteOwn(entry, [lastMessage], state.me)
        state.byId[facts.id] = entry
        if (state.open?.name === 'unknown' && state.open.conv === facts.id) state.open = opened(state, facts.id)
      }
    })
    .addCase(roomsSynced, (state) => {
      state.complete = true
    })
    .addCase(connectionLost, (state) => {
      state.absence++
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
        for (const event of payload.events) apply(entry, event)
        advance(entry, payload.through)
        noteOwn(entry, messages, state.me)
      }
      show(state, payload.conv, addedBy(messages, state.me, shownThrough(state)), payload.caughtUp)
    })
    .addCase(conversationReset, (state, { payload }) => {
      const entry = state.byId[payload.conv]
      const newest = payload.messages.at(-1) ?? null
      if (entry) {
        entry.lastMessage = newer(entry.lastMessage, newest)
        advance(entry, payload.through)
        noteOwn(entry, payload.messages, state.me)
      }
      const before = shownThrough(state)
      const own = payload.messages.filter((message) => message.seq > before && message.sender === state.me).length
      const count = Math.max(0, payload.through.seq - before - own)
      show(state, payload.conv, { firstSeq: before + 1, throughSeq: payload.through.seq, count }, !payload.fromCache)
    })
    .addCase(historyArrived, (state, { payload }) => {
      const entry = state.byId[payload.conv]
      if (entry) noteOwn(entry, payload.messages, state.me)
    })
})

function opened(state: ConversationsState, conv: ConversationId): OpenConversation {
  const entry = state.byId[conv]
  return entry ? { name: 'known', conv, shownThrough: entry.head.seq, divider: dividerAtEntry(entry, state.absence) } : { name: 'unknown', conv }
}

const shownThrough = (state: ConversationsState): number => (state.open?.name === 'known' ? state.open.shownThrough : 0)

/** Messages were added to the open conversation; those that had been missed stand under a divider. */
function show(state: ConversationsState, conv: ConversationId, added: { firstSeq: number; throughSeq: number; count: number }, missed: boolean): void {
  const { open } = state
  if (open?.name !== 'known' || open.conv !== conv || added.throughSeq <= open.shownThrough) return
  open.shownThrough = added.throughSeq
  if (missed) open.divider = dividerAfter(open.divider, added, state.byId[conv]?.facts.read ?? 0, state.absence)
}

function newer(a: ChatMessage | null, b: ChatMessage | null): ChatMessage | null {
  if (!a || !b) return a ?? b
  if (a.seq !== b.seq) return a.seq > b.seq ? a : b
  return b.version > a.version ? b : a
}

function advance(entry: ConversationEntry, to: Cursor): void {
  entry.head = { rev: Math.max(entry.head.rev, to.rev), seq: Math.max(entry.head.seq, to.seq) }
}

function raiseRead(entry: ConversationEntry | undefined, seq: number): void {
  if (!entry || seq <= entry.facts.read) return
  entry.facts.read = seq
  entry.ownAbove = entry.ownAbove.filter((own) => own > seq)
}

function noteOwn(entry: ConversationEntry, messages: readonly ChatMessage[], me: UserId | null): void {
  const floor = readFloor(entry)
  for (const { sender, seq } of messages) if (sender === me && seq > floor && !entry.ownAbove.includes(seq)) entry.ownAbove.push(seq)
}

/** Membership and name follow the log; applying an event twice changes nothing. */
function apply(entry: ConversationEntry, event: LogEvent): void {
  const { facts } = entry
  if (event.kind === 'new') entry.lastMessage = newer(entry.lastMessage, event.message)
  else if ('messageId' in event) entry.lastMessage = entry.lastMessage && messageAfter(entry.lastMessage, event)
  else if (event.rev <= entry.head.rev) return
  else if (event.kind === 'meta') facts.name = event.name
  else {
    const isMember = facts.members.some((member) => member.id === event.person.id)
    const isListed = facts.members.length > 0
    if (event.kind === 'join' && !isMember) {
      facts.memberCount++
      if (isListed && facts.memberCount <= MARKS_MAX_MEMBERS) {
        facts.members.push({ ...event.person, role: event.role, delivered: event.afterSeq, read: event.afterSeq })
      } else facts.members = []
    }
    if (event.kind === 'leave' && (isMember || !isListed)) {
      facts.memberCount--
      facts.members = facts.members.filter((member) => member.id !== event.person.id)
    }
  }
}

import { createAction, createReducer } from '@reduxjs/toolkit'
import {
  catchUpStarted,
  conversationClosed,
  conversationLeft,
  conversationOpened,
  conversationReset,
  messagesArrived,
  roomsSynced,
  sessionStarted,
  signedOut,
  storageLost,
} from '#client/live/facts.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { RESET_MESSAGES } from '#protocol/limits.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Me } from '#protocol/session.ts'

/** Something said once that has no place of its own on screen. Connection trouble is never a notice, a refused message never only one. */
export type Notice = {
  id: string
  kind: 'removed' | 'identity' | 'storage' | 'missed' | 'said'
  /** What it is about, shown before the text: the name of a conversation. */
  about: string | null
  text: string
  /** Stays until it is dismissed; the others may leave by themselves. */
  lasting: boolean
}

export type NoticesState = {
  list: Notice[]
  count: number
  me: Me | null
  open: ConversationId | null
  catchUp: CatchUp
}

/** `first`: the page has just opened, badges say what is new. `counting`: messages that had been missed, per conversation. */
type CatchUp = { name: 'first' } | { name: 'none' } | { name: 'counting'; missed: Record<ConversationId, number>; atLeast: boolean }

/** A word of our own: "Link copied". */
export const noticeGiven = createAction<{ text: string }>('noticeGiven')
export const noticeDismissed = createAction<{ id: string }>('noticeDismissed')

const initialState: NoticesState = { list: [], count: 0, me: null, open: null, catchUp: { name: 'first' } }

export const noticesReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(noticeGiven, (state, { payload }) => give(state, { kind: 'said', about: null, text: payload.text, lasting: false }))
    .addCase(noticeDismissed, (state, { payload }) => {
      state.list = state.list.filter((notice) => notice.id !== payload.id)
    })
    .addCase(sessionStarted, (state, { payload }) => {
      const { user } = payload
      if (state.me && state.me.id !== user.id) {
        const before = state.me.isGuest ? 'Your guest session ended' : 'You are signed in as someone else'
        give(state, { kind: 'identity', about: null, text: `${before}; you are now ${user.name}.`, lasting: true })
      }
      state.me = user
      state.catchUp = { name: 'first' }
    })
    .addCase(signedOut, () => initialState)
    .addCase(conversationLeft, (state, { payload }) => {
      if (payload.removed) give(state, { kind: 'removed', about: payload.name, text: 'You were removed from this conversation.', lasting: true })
    })
    .addCase(storageLost, (state, { payload }) => {
      if (state.list.some((notice) => notice.kind === 'storage')) return
      give(state, { kind: 'storage', about: null, text: STORAGE_WORDS[payload.reason], lasting: true })
    })
    .addCase(conversationOpened, (state, { payload }) => {
      state.open = payload.conv
    })
    .addCase(conversationClosed, (state, { payload }) => {
      if (state.open === payload.conv) state.open = null
    })
    .addCase(catchUpStarted, (state) => {
      if (state.catchUp.name === 'none') state.catchUp = { name: 'counting', missed: {}, atLeast: false }
    })
    .addCase(messagesArrived, (state, { payload }) => {
      if (payload.caughtUp) miss(state, payload.conv, payload.events.flatMap((event) => (event.kind === 'new' ? [event.message] : [])))
    })
    .addCase(conversationReset, (state, { payload }) => {
      if (payload.fromCache) return
      miss(state, payload.conv, payload.messages)
      if (state.catchUp.name === 'counting' && payload.messages.length >= RESET_MESSAGES) state.catchUp.atLeast = true
    })
    .addCase(roomsSynced, (state) => {
      if (state.catchUp.name === 'counting') {
        const counts = Object.values(state.catchUp.missed)
        const messages = counts.reduce((sum, count) => sum + count, 0)
        if (messages > 0) give(state, { kind: 'missed', about: null, text: missedWords(messages, counts.length, state.catchUp.atLeast), lasting: false })
      }
      state.catchUp = { name: 'none' }
    })
})

const STORAGE_WORDS = {
  missing: 'This browser can’t keep messages over a reload. Keep this page open until everything is sent.',
  blocked: 'Another tab blocks the storage of this browser. Close other tabs, and keep this page open until everything is sent.',
  full: 'The storage of this device is full. Free some space, and keep this page open until everything is sent.',
  broken: 'The storage of this browser failed. Keep this page open until everything is sent, then reload it.',
} as const

const missedWords = (messages: number, conversations: number, atLeast: boolean): string =>
  `${messages}${atLeast ? '+' : ''} new in ${conversations} ${conversations === 1 ? 'conversation' : 'conversations'}`

function miss({ catchUp, open, me }: NoticesState, conv: ConversationId, messages: readonly ChatMessage[]): void {
  const count = messages.filter((message) => message.sender !== me?.id).length
  if (catchUp.name === 'counting' && conv !== open && count > 0) catchUp.missed[conv] = (catchUp.missed[conv] ?? 0) + count
}

function give(state: NoticesState, notice: Omit<Notice, 'id'>): void {
  state.list.push({ id: `notice-${++state.count}`, ...notice })
}

export const selectNotices = (state: { notices: NoticesState }): Notice[] => state.notices.list

import { createAction, createReducer } from '@reduxjs/toolkit'
import {
  catchUpStarted,
  conversationClosed,
  conversationLeft,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  messagesArrived,
  pastReplaced,
  newVersionFound,
  nobodySignedIn,
  notificationReceived,
  operationRefused,
  roomsSynced,
  sessionStarted,
  signedOut,
  storageLost,
  filesRejected,
  stretchUnavailable,
  unsentVanished,
} from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Me } from '#protocol/session.ts'

/** Something said once that has no place of its own on screen. Connection trouble is never a notice, a refused message never only one. */
export type Notice = { id: string } & What

type What =
  | { kind: 'removed'; /** the name of the conversation, shown before the text */ about: string }
  | { kind: 'identity'; wasGuest: boolean; name: string }
  | { kind: 'storage'; reason: 'missing' | 'blocked' | 'full' | 'broken' }
  | { kind: 'missed'; messages: number; conversations: number }
  | { kind: 'past' }
  | { kind: 'vanished'; count: number }
  | { kind: 'unchanged'; /** what it should have said */ text: string }
  | { kind: 'undeleted' }
  | { kind: 'unattached'; words: string }
  | { kind: 'unshown'; /** there is no such message any more */ gone: boolean }
  /** As a guest the person had not been here for long, and would have been removed soon. */
  | { kind: 'guestEnds' }
  /** This page is of an older build than the server's. */
  | { kind: 'newVersion' }

export type NoticesState = {
  list: Notice[]
  count: number
  me: Me | null
  open: ConversationId | null
  /** Per conversation the seq up to which nothing can be new: shown, read or told before. */
  seen: Record<ConversationId, number>
  catchUp: CatchUp
}

/** `first`: the page has just opened, badges say what is new. `counting`: messages that had been missed, per conversation. */
type CatchUp = { name: 'first' } | { name: 'none' } | { name: 'counting'; missed: Record<ConversationId, number> }

export const noticeDismissed = createAction<{ id: string }>('noticeDismissed')

const initialState: NoticesState = { list: [], count: 0, me: null, open: null, seen: emptyRecord(), catchUp: { name: 'first' } }

export const noticesReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(noticeDismissed, (state, { payload }) => {
      state.list = state.list.filter((notice) => notice.id !== payload.id)
    })
    .addCase(sessionStarted, (state, { payload }) => {
      const { user } = payload
      if (state.me && state.me.id !== user.id) {
        state.seen = emptyRecord()
        give(state, { kind: 'identity', wasGuest: state.me.isGuest, name: user.name })
      }
      state.me = user
      state.catchUp = { name: 'first' }
    })
    .addCase(signedOut, () => initialState)
    .addCase(nobodySignedIn, (state) => {
      state.me = null
    })
    .addCase(conversationLeft, (state, { payload }) => {
      if (payload.removed) give(state, { kind: 'removed', about: payload.name })
    })
    .addCase(pastReplaced, (state, { payload }) => {
      delete state.seen[payload.conv]
      if (payload.because !== 'repaired') giveOnce(state, { kind: 'past' })
    })
    .addCase(operationRefused, (state, { payload: { operation, code } }) => {
      // A reaction is no loss; what was to be deleted and is not there is what was wanted.
      if (operation.kind === 'edit') give(state, { kind: 'unchanged', text: operation.body })
      else if (operation.kind === 'delete' && code !== 'E_NOT_FOUND') give(state, { kind: 'undeleted' })
    })
    .addCase(newVersionFound, (state) => giveOnce(state, { kind: 'newVersion' }))
    .addCase(filesRejected, (state, { payload: { words } }) => give(state, { kind: 'unattached', words }))
    .addCase(stretchUnavailable, (state, { payload: { gone } }) => give(state, { kind: 'unshown', gone }))
    .addCase(notificationReceived, (state, { payload }) => {
      if (payload.type === 'guest-ends') give(state, { kind: 'guestEnds' })
    })
    .addCase(storageLost, (state, { payload: { reason } }) => giveOnce(state, { kind: 'storage', reason }))
    .addCase(unsentVanished, (state, { payload }) => {
      give(state, { kind: 'vanished', count: payload.count })
    })
    .addCase(conversationOpened, (state, { payload }) => {
      state.open = payload.conv
    })
    .addCase(conversationClosed, (state, { payload }) => {
      if (state.open === payload.conv) state.open = null
    })
    .addCase(catchUpStarted, (state) => {
      if (state.catchUp.name === 'none') state.catchUp = { name: 'counting', missed: emptyRecord() }
    })
    .addCase(conversationsLearned, (state, { payload }) => {
      for (const { facts, head } of payload.conversations) see(state, facts.id, Math.max(head.seq, facts.read, facts.visibleFrom))
    })
    .addCase(messagesArrived, (state, { payload }) => {
      if (payload.caughtUp)
        miss(
          state,
          payload.conv,
          payload.events.flatMap((event) => (event.kind === 'new' ? [event.message] : [])),
          payload.through.seq,
        )
      see(state, payload.conv, payload.through.seq)
    })
    .addCase(conversationReset, (state, { payload }) => {
      if (!payload.fromCache) miss(state, payload.conv, payload.messages, payload.through.seq)
      see(state, payload.conv, payload.through.seq)
    })
    .addCase(roomsSynced, (state) => {
      if (state.catchUp.name === 'counting') {
        const counts = Object.values(state.catchUp.missed)
        const messages = counts.reduce((sum, count) => sum + count, 0)
        if (messages > 0) give(state, { kind: 'missed', messages, conversations: counts.length })
      }
      state.catchUp = { name: 'none' }
    })
})

/** What was added up to `through` while the line was away, own messages aside; a reset carries only the newest of it. */
function miss({ catchUp, open, me, seen }: NoticesState, conv: ConversationId, messages: readonly ChatMessage[], through: number): void {
  const before = seen[conv]
  if (catchUp.name !== 'counting' || conv === open || before === undefined) return
  const own = messages.filter((message) => message.sender === me?.id && message.seq > before).length
  const count = through - before - own
  if (count > 0) catchUp.missed[conv] = (catchUp.missed[conv] ?? 0) + count
}

function see(state: NoticesState, conv: ConversationId, seq: number): void {
  state.seen[conv] = Math.max(state.seen[conv] ?? 0, seq)
}

function give(state: NoticesState, what: What): void {
  state.list.push({ id: `notice-${++state.count}`, ...what })
}

/** For what is no news as long as it stands on screen. */
function giveOnce(state: NoticesState, what: What): void {
  if (state.list.every(({ kind }) => kind !== what.kind)) give(state, what)
}

export const selectNotices = (state: { notices: NoticesState }): Notice[] => state.notices.list

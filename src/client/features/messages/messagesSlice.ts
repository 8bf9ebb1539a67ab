import { createAction, createReducer, isAnyOf, original, type Draft } from '@reduxjs/toolkit'
import {
  conversationClosed,
  conversationLeft,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  historyArrived,
  historyRequested,
  historyUnavailable,
  messageSought,
  messageWritten,
  messagesArrived,
  pastReplaced,
  roomsSynced,
  stretchArrived,
  stretchUnavailable,
} from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import { afterEvents, afterHistory, afterReset, EMPTY, isInSight, newestOf, visibleOf, WINDOW_CAP, WINDOW_OPEN, type Timeline } from './timeline.ts'

/** The page of history that was asked for last. */
export type Fetch = { beforeSeq: number; name: 'loading' | 'unavailable' }

export type MessagesState = {
  byConv: Record<ConversationId, Timeline>
  fetches: Record<ConversationId, Fetch>
  open: ConversationId | null
  /** What somebody wants to see, until it is on screen. */
  sought: Sought | null
}

export type Sought = { conv: ConversationId; id: MessageId }

const initialState: MessagesState = { byConv: emptyRecord(), fetches: emptyRecord(), open: null, sought: null }

/** The list is pinned to the bottom and idle: messages beyond the newest `WINDOW_CAP` may go. */
export const olderLetGo = createAction<{ conv: ConversationId }>('olderLetGo')

/** It is on screen, or can't be. */
export const searchEnded = createAction('searchEnded')

export const messagesReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(conversationOpened, (state, { payload }) => {
      state.open = payload.conv
    })
    .addCase(conversationClosed, (state, { payload }) => {
      if (state.open === payload.conv) Object.assign(state, { open: null, sought: null })
      delete state.fetches[payload.conv]
      if (state.byConv[payload.conv]) change(state, payload.conv, (timeline) => newestOf(timeline, WINDOW_OPEN))
    })
    .addCase(olderLetGo, (state, { payload }) => change(state, payload.conv, (timeline) => newestOf(timeline, WINDOW_CAP)))
    .addCase(messagesArrived, (state, { payload }) => {
      change(state, payload.conv, (timeline) => {
        const after = afterEvents(timeline, payload.events, payload.through)
        // Nobody reads a conversation that is not open; it keeps what a first screen needs.
        return state.open === payload.conv || after.messages.length <= WINDOW_CAP ? after : newestOf(after, WINDOW_OPEN)
      })
    })
    .addCase(conversationReset, (state, { payload }) => change(state, payload.conv, (timeline) => afterReset(timeline, payload)))
    .addCase(conversationsLearned, (state, { payload }) => {
      for (const { facts } of payload.conversations)
        if ((state.byConv[facts.id]?.messages[0]?.seq ?? Infinity) <= facts.visibleFrom)
          change(state, facts.id, (timeline) => visibleOf(timeline, facts.visibleFrom))
    })
    .addCase(historyRequested, (state, { payload }) => {
      state.fetches[payload.conv] = { beforeSeq: payload.beforeSeq, name: 'loading' }
    })
    .addCase(historyArrived, (state, { payload }) => {
      const { afterSeq, beforeSeq } = payload
      if (afterSeq === undefined && state.fetches[payload.conv]?.beforeSeq === beforeSeq) delete state.fetches[payload.conv]
      change(state, payload.conv, (timeline) => (isInSight(timeline, afterSeq ?? beforeSeq) ? afterHistory(timeline, payload) : timeline))
    })
    .addCase(historyUnavailable, (state, { payload }) => {
      const fetch = state.fetches[payload.conv]
      if (fetch?.beforeSeq === payload.beforeSeq) fetch.name = 'unavailable'
    })
    .addCase(messageSought, (state, { payload: { conv, id } }) => {
      state.sought = { conv, id }
    })
    .addCase(stretchArrived, (state, { payload }) => {
      if (state.sought?.conv === payload.conv) change(state, payload.conv, (timeline) => afterHistory(timeline, payload))
    })
    .addCase(roomsSynced, (state) => {
      for (const [conv, fetch] of Object.entries(state.fetches)) if (fetch.name === 'unavailable') delete state.fetches[conv as ConversationId]
    })
    .addCase(stretchUnavailable, (state, { payload: { conv, id } }) => {
      if (state.sought?.conv === conv && state.sought.id === id) state.sought = null
    })
    // who writes is at the end, and stays there
    .addCase(messageWritten, (state, { payload }) => {
      if (!payload.found) state.sought = null
    })
    .addCase(searchEnded, (state) => {
      state.sought = null
    })
    .addMatcher(isAnyOf(conversationLeft, pastReplaced), (state, { payload }) => {
      delete state.byConv[payload.conv]
      delete state.fetches[payload.conv]
      if (state.sought?.conv === payload.conv) state.sought = null
    })
})

/** Timelines are long: they are changed by plain functions on plain data, without a proxy around every message. */
function change(state: Draft<MessagesState>, conv: ConversationId, next: (timeline: Timeline) => Timeline): void {
  const before = original(state)?.byConv[conv] ?? EMPTY
  const after = next(before)
  if (after !== before) state.byConv[conv] = after as Draft<Timeline>
}

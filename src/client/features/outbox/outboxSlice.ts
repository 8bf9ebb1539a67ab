import { createReducer } from '@reduxjs/toolkit'
import {
  conversationReset,
  historyArrived,
  messageKeptInMemory,
  messageSaved,
  messageStored,
  messageWritten,
  messagesArrived,
  oldUnsentCounted,
  outboxLoaded,
  outboxRowRemoved,
  pastReplaced,
  retryRequested,
  sendDelayed,
  sendRefused,
  sendStarted,
  sessionStarted,
  type OutboxRow,
} from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ClientId, ConversationId, UserId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { stateAfter, type OutboxEvent } from './outboxMachine.ts'

/** Own messages that are not yet in the timeline, per conversation in written order. */
export type OutboxSliceState = {
  /** Settling needs to know whose client ids these are. */
  me: UserId | null
  byConv: Record<ConversationId, OutboxRow[]>
  /** How far each log is here: an acknowledged message at or below it is stored for good, on screen or further up. */
  through: Record<ConversationId, number>
  /** The server said "slower": nothing of this conversation goes out before `until` (this client's clock). */
  delayed: Record<ConversationId, Delay>
  /** Written long ago and never sent: so many wait for the person's word. */
  old: number
}
export type Delay = { until: number; code: 'E_RATE' | 'E_BUSY' | 'E_STORAGE' | 'E_INTERNAL' }

const initialState: OutboxSliceState = { me: null, byConv: emptyRecord(), through: emptyRecord(), delayed: emptyRecord(), old: 0 }

export const outboxReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(sessionStarted, (state, { payload }) => {
      state.me = payload.user.id
    })
    .addCase(messageWritten, (state, { payload }) => {
      const rows = (state.byConv[payload.conv] ??= [])
      if (!rows.some((row) => row.clientId === payload.clientId)) rows.push({ ...payload, state: { name: 'saving' } })
    })
    .addCase(messageSaved, (state, { payload }) => advance(state, payload.conv, [payload.clientId], { name: 'saved' }))
    .addCase(messageKeptInMemory, (state, { payload }) => advance(state, payload.conv, [payload.clientId], { name: 'keptInMemory' }))
    .addCase(sendStarted, (state, { payload }) => {
      delete state.delayed[payload.conv]
      advance(state, payload.conv, payload.clientIds, { name: 'sendStarted', at: payload.at })
    })
    .addCase(messageStored, (state, { payload }) => {
      const { conv, clientId, id, seq, at } = payload
      advance(state, conv, [clientId], { name: 'stored', id, seq, at })
      settle(state, conv, [])
    })
    .addCase(sendRefused, (state, { payload }) => advance(state, payload.conv, [payload.clientId], { name: 'refused', code: payload.code }))
    .addCase(retryRequested, (state, { payload }) => advance(state, payload.conv, [payload.clientId], { name: 'retried' }))
    .addCase(outboxRowRemoved, (state, { payload }) => keepOnly(state, payload.conv, (row) => row.clientId !== payload.clientId))
    .addCase(sendDelayed, (state, { payload }) => {
      state.delayed[payload.conv] = { until: payload.until, code: payload.code }
    })
    .addCase(outboxLoaded, (state, { payload }) => load(state, payload.rows))
    .addCase(messagesArrived, (state, { payload }) => {
      reach(state, payload.conv, payload.through.seq)
      settle(
        state,
        payload.conv,
        payload.events.flatMap((event) => (event.kind === 'new' ? [event.message] : [])),
      )
    })
    .addCase(conversationReset, (state, { payload }) => {
      reach(state, payload.conv, payload.through.seq)
      settle(state, payload.conv, payload.messages)
    })
    .addCase(oldUnsentCounted, (state, { payload }) => {
      state.old = payload.count
    })
    .addCase(pastReplaced, (state, { payload }) => {
      delete state.through[payload.conv]
    })
    .addCase(historyArrived, (state, { payload }) => settle(state, payload.conv, payload.messages))
})

function reach(state: OutboxSliceState, conv: ConversationId, seq: number): void {
  state.through[conv] = Math.max(state.through[conv] ?? 0, seq)
}

function advance(state: OutboxSliceState, conv: ConversationId, clientIds: ClientId[], event: OutboxEvent): void {
  for (const row of state.byConv[conv] ?? []) {
    if (clientIds.includes(row.clientId)) row.state = stateAfter(row.state, event)
  }
}

function keepOnly(state: OutboxSliceState, conv: ConversationId, stays: (row: OutboxRow) => boolean): void {
  const rows = state.byConv[conv]
  if (!rows || rows.every(stays)) return
  const left = rows.filter(stays)
  if (left.length > 0) state.byConv[conv] = left
  else delete state.byConv[conv]
}

/** A row leaves when the log, a reset or a page of history shows its message, or the log is known to have passed it. */
function settle(state: OutboxSliceState, conv: ConversationId, messages: ChatMessage[]): void {
  const seen = new Set(messages.filter((message) => message.sender === state.me).map((message) => message.clientId))
  const through = state.through[conv] ?? 0
  keepOnly(state, conv, (row) => !seen.has(row.clientId) && !(row.state.name === 'stored' && row.state.seq <= through))
}

/** The outbox as the live tie has it; it may not have heard yet of what was written a moment ago. */
function load(state: OutboxSliceState, rows: OutboxRow[]): void {
  const loaded = new Set(rows.map((row) => row.clientId))
  const unheard = Object.values(state.byConv).flatMap((held) => held.filter((row) => row.state.name === 'saving' && !loaded.has(row.clientId)))
  state.byConv = emptyRecord()
  for (const row of [...rows, ...unheard]) (state.byConv[row.conv] ??= []).push(row)
  for (const conv of Object.keys(state.byConv)) settle(state, conv as ConversationId, [])
}

/** Messages that still have to go out: neither acknowledged nor refused. */
export const isUnsent = (row: OutboxRow): boolean => row.state.name !== 'stored' && row.state.name !== 'refused'

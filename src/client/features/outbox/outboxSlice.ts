import { createReducer } from '@reduxjs/toolkit'
import {
  conversationReset,
  historyArrived,
  messageKeptInMemory,
  messageSaved,
  messageStored,
  messageWritten,
  messagesArrived,
  outboxLoaded,
  outboxRowRemoved,
  retryRequested,
  sendDelayed,
  sendRefused,
  sendStarted,
  sessionStarted,
  unsentEdited,
  type OutboxRow,
} from '#client/live/facts.ts'
import type { ClientId, ConversationId, UserId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { furthest, isEditable, isOnlyHere, stateAfter, type OutboxEvent } from './outboxMachine.ts'

/** Own messages that are not yet in the timeline, per conversation in written order. */
export type OutboxSliceState = {
  /** Settling needs to know whose client ids these are. */
  me: UserId | null
  byConv: Record<ConversationId, OutboxRow[]>
  /** The server said "slower": nothing of this conversation goes out before `until` (this client's clock). */
  delayed: Record<ConversationId, Delay>
}
export type Delay = { until: number; code: 'E_RATE' | 'E_BUSY' | 'E_STORAGE' | 'E_INTERNAL' }

const initialState: OutboxSliceState = { me: null, byConv: {}, delayed: {} }

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
    })
    .addCase(sendRefused, (state, { payload }) => advance(state, payload.conv, [payload.clientId], { name: 'refused', code: payload.code }))
    .addCase(retryRequested, (state, { payload }) => advance(state, payload.conv, [payload.clientId], { name: 'retried' }))
    .addCase(unsentEdited, (state, { payload }) => {
      const row = state.byConv[payload.conv]?.find((candidate) => candidate.clientId === payload.clientId)
      if (row && isEditable(row.state)) row.body = payload.body
    })
    .addCase(outboxRowRemoved, (state, { payload }) => remove(state, payload.conv, new Set([payload.clientId])))
    .addCase(sendDelayed, (state, { payload }) => {
      state.delayed[payload.conv] = { until: payload.until, code: payload.code }
    })
    .addCase(outboxLoaded, (state, { payload }) => load(state, payload.rows))
    .addCase(messagesArrived, (state, { payload }) => {
      settle(state, payload.conv, payload.events.flatMap((event) => (event.kind === 'new' ? [event.message] : [])))
    })
    .addCase(conversationReset, (state, { payload }) => settle(state, payload.conv, payload.messages))
    .addCase(historyArrived, (state, { payload }) => settle(state, payload.conv, payload.messages))
})

function advance(state: OutboxSliceState, conv: ConversationId, clientIds: ClientId[], event: OutboxEvent): void {
  for (const row of state.byConv[conv] ?? []) {
    if (clientIds.includes(row.clientId)) row.state = stateAfter(row.state, event)
  }
}

function remove(state: OutboxSliceState, conv: ConversationId, gone: Set<ClientId>): void {
  const rows = state.byConv[conv]
  if (!rows?.some((row) => gone.has(row.clientId))) return
  const left = rows.filter((row) => !gone.has(row.clientId))
  if (left.length > 0) state.byConv[conv] = left
  else delete state.byConv[conv]
}

/** A row leaves when the log, a reset or a page of history shows its message: from then on the timeline has it. */
function settle(state: OutboxSliceState, conv: ConversationId, messages: ChatMessage[]): void {
  if (!state.byConv[conv]) return
  remove(state, conv, new Set(messages.filter((message) => message.sender === state.me).map((message) => message.clientId)))
}

/** What is stored replaces what is shown, except that a row never goes back and one that exists only in this tab stays. */
function load(state: OutboxSliceState, rows: OutboxRow[]): void {
  const here = new Map(Object.values(state.byConv).flatMap((held) => held.map((row) => [row.clientId, row] as const)))
  const loaded = new Set(rows.map((row) => row.clientId))
  const byConv: Record<ConversationId, OutboxRow[]> = {}
  for (const row of rows) {
    const held = here.get(row.clientId)
    ;(byConv[row.conv] ??= []).push(held ? { ...row, state: furthest(held.state, row.state) } : row)
  }
  for (const row of here.values()) if (!loaded.has(row.clientId) && isOnlyHere(row.state)) (byConv[row.conv] ??= []).push(row)
  state.byConv = byConv
}

/** Messages that still have to go out: neither acknowledged nor refused. */
export const isUnsent = (row: OutboxRow): boolean => row.state.name !== 'stored' && row.state.name !== 'refused'

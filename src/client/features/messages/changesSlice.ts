import { createAction, createReducer, isAnyOf } from '@reduxjs/toolkit'
import {
  changesListed,
  conversationLeft,
  conversationReset,
  messagesArrived,
  operationApplied,
  operationRequested,
  type MessageChange,
  type OwnOperation,
} from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId } from '#protocol/ids.ts'

/**
 * A change that the log does not show yet. It is shown all the same, and taken back if the server says no.
 *
 *   held    → may still be undone; nobody else has heard of it
 *   waiting → asked for; the live session makes it, whatever happens to the line
 *   made    → the server made it; the log shows it at `rev`
 */
export type Change = { operation: OwnOperation } & ({ name: 'held' } | { name: 'waiting' } | { name: 'made'; rev: number })

/** In the order they were made. */
export type ChangesState = { byConv: Record<ConversationId, Change[]> }

/** A deletion that may be undone for a moment. It is asked for under the same id afterwards. */
export const deletionHeld = createAction<MessageChange>('deletionHeld')
/** All that are held in this conversation are forgotten. */
export const deletionsUndone = createAction<{ conv: ConversationId }>('deletionsUndone')

export const changesReducer = createReducer<ChangesState>({ byConv: emptyRecord() }, (builder) => {
  builder
    .addCase(deletionHeld, (state, { payload: { conv, operation } }) => {
      ;(state.byConv[conv] ??= []).push({ name: 'held', operation })
    })
    .addCase(deletionsUndone, (state, { payload }) => keepThose(state, payload.conv, ({ name }) => name !== 'held'))
    .addCase(operationRequested, (state, { payload: { conv, operation } }) =>
      keepThose(state, conv, (change) => change.operation.opId !== operation.opId),
    )
    .addCase(changesListed, (state, { payload }) => {
      for (const conv of Object.keys(state.byConv) as ConversationId[]) keepThose(state, conv, ({ name }) => name !== 'waiting')
      for (const { conv, operation } of payload.changes) (state.byConv[conv] ??= []).push({ name: 'waiting', operation })
    })
    .addCase(operationApplied, (state, { payload: { conv, opId, rev } }) => {
      const changes = state.byConv[conv] ?? []
      const at = changes.findIndex(({ operation }) => operation.opId === opId)
      if (at >= 0) changes[at] = { name: 'made', operation: changes[at]!.operation, rev }
    })
    .addCase(conversationLeft, (state, { payload }) => {
      delete state.byConv[payload.conv]
    })
    .addMatcher(isAnyOf(messagesArrived, conversationReset), (state, { payload: { conv, through } }) =>
      keepThose(state, conv, (change) => isAhead(change, through.rev)),
    )
})

/** Does the log, known up to `rev`, not show it yet? */
export const isAhead = (change: Change, rev: number): boolean => change.name !== 'made' || change.rev > rev

function keepThose(state: ChangesState, conv: ConversationId, isKept: (change: Change) => boolean): void {
  const before = state.byConv[conv]
  if (!before || before.every(isKept)) return
  const after = before.filter(isKept)
  if (after.length > 0) state.byConv[conv] = after
  else delete state.byConv[conv]
}

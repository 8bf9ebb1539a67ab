import { createReducer, isAnyOf } from '@reduxjs/toolkit'
import {
  changesListed,
  conversationLeft,
  conversationReset,
  messagesArrived,
  operationApplied,
  pastReplaced,
  type OwnOperation,
} from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId } from '#protocol/ids.ts'

/**
 * A change that the log does not show yet. It is shown all the same, and taken back if the server says no.
 *
 *   waiting → asked for; the live session makes it, whatever happens to the line. Until `notBefore` it can be withdrawn
 *   made    → the server made it; the log shows it at `rev`
 */
export type Change = { operation: OwnOperation } & ({ name: 'waiting'; notBefore: number | undefined } | { name: 'made'; rev: number })

/** In the order they were made. */
export type ChangesState = { byConv: Record<ConversationId, Change[]> }

export const changesReducer = createReducer<ChangesState>({ byConv: emptyRecord() }, (builder) => {
  builder
    .addCase(changesListed, (state, { payload }) => {
      for (const conv of Object.keys(state.byConv) as ConversationId[]) keepThose(state, conv, ({ name }) => name !== 'waiting')
      for (const { conv, operation, notBefore } of payload.changes) (state.byConv[conv] ??= []).push({ name: 'waiting', operation, notBefore })
    })
    .addCase(operationApplied, (state, { payload: { conv, opId, rev } }) => {
      const changes = state.byConv[conv] ?? []
      const at = changes.findIndex(({ operation }) => operation.opId === opId)
      if (at >= 0) changes[at] = { name: 'made', operation: changes[at]!.operation, rev }
    })
    .addCase(conversationLeft, (state, { payload }) => {
      delete state.byConv[payload.conv]
    })
    // the numbers of a past that is gone mean nothing any more
    .addCase(pastReplaced, (state, { payload }) => keepThose(state, payload.conv, ({ name }) => name === 'waiting'))
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

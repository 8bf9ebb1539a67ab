import { createReducer, isAnyOf } from '@reduxjs/toolkit'
import { conversationLeft, conversationsLearned, pastReplaced, receiptsChanged } from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'

/** How far somebody got in a conversation: `delivered` = stored on one of their devices, `read` = seen. Both are seqs. */
export type Marks = { delivered: number; read: number }
/** Watermarks only rise: a late or repeated report changes nothing. */
export type ReceiptsState = { byConv: Record<ConversationId, Record<UserId, Marks>> }

const initialState: ReceiptsState = { byConv: emptyRecord() }

export const receiptsReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(receiptsChanged, (state, { payload }) => raise(state, payload.conv, payload.user, payload))
    .addCase(conversationsLearned, (state, { payload }) => {
      for (const { facts } of payload.conversations) for (const member of facts.members) raise(state, facts.id, member.id, member)
    })
    .addMatcher(isAnyOf(conversationLeft, pastReplaced), (state, { payload }) => {
      delete state.byConv[payload.conv]
    })
})

function raise(state: ReceiptsState, conv: ConversationId, user: UserId, { delivered, read }: Marks): void {
  const marks = (state.byConv[conv] ??= emptyRecord())
  const before = marks[user]
  if (before && before.delivered >= delivered && before.read >= read) return
  // Whoever has seen a message has it.
  const reads = Math.max(before?.read ?? 0, read)
  marks[user] = { delivered: Math.max(before?.delivered ?? 0, delivered, reads), read: reads }
}

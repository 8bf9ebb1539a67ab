import { createSelector } from '@reduxjs/toolkit'
import { titleFor } from '#client/features/conversations/titleFor.ts'
import { selectMyId } from '#client/features/session/sessionSlice.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import type { RootState } from '#client/store/makeStore.ts'
import type { ConversationId } from '#protocol/ids.ts'

/** A row of the outbox page. */
export type OutboxItem = { row: OutboxRow; conv: ConversationId; title: string }

/** Everything that is waiting or was refused, over all conversations, in written order. */
export const selectOutboxList: (state: RootState) => OutboxItem[] = createSelector(
  [(state: RootState) => state.outbox.byConv, (state: RootState) => state.conversations.byId, (state: RootState) => state.conversations.left, selectMyId],
  (byConv, byId, left, me) =>
    Object.values(byConv)
      .flat()
      .filter((row) => row.state.name !== 'stored')
      .map((row) => ({ row, conv: row.conv, title: byId[row.conv] ? titleFor(byId[row.conv]!.facts, me) : (left[row.conv]?.name ?? 'Conversation') }))
      .sort((a, b) => a.row.sentAt - b.row.sentAt || (a.row.clientId < b.row.clientId ? -1 : 1)),
)

/** Rows the server refused, over all conversations. */
export const selectRefusedCount = (state: RootState): number =>
  Object.values(state.outbox.byConv).reduce((sum, rows) => sum + rows.filter((row) => row.state.name === 'refused').length, 0)

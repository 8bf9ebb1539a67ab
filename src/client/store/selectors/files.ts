import { createSelector } from '@reduxjs/toolkit'
import type { RootState } from '#client/store/reducer.ts'
import type { ConversationId } from '#protocol/ids.ts'

/** Messages whose files are on their way, in written order; of one conversation, or of all. `sent`: bytes that are there, where this tab knows. */
export const selectUploads = createSelector(
  [(state: RootState) => state.uploads, (_: RootState, conv: ConversationId | undefined) => conv],
  ({ list, sent }, conv) =>
    list
      .filter(({ message }) => conv === undefined || message.conv === conv)
      .map(({ message, refusal }) => ({ message, refusal, sent: sent[message.clientId] ?? 0 })),
)

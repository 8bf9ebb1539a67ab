import type { Fetch } from '#client/features/messages/messagesSlice.ts'
import { EMPTY, type Timeline } from '#client/features/messages/timeline.ts'
import type { RootState } from '#client/store/makeStore.ts'
import type { ConversationId } from '#protocol/ids.ts'

export const selectTimeline = (state: RootState, conv: ConversationId): Timeline => state.messages.byConv[conv] ?? EMPTY

/** Has anything of this conversation been loaded yet? */
export const selectIsLoaded = (state: RootState, conv: ConversationId): boolean => selectTimeline(state, conv).through !== null

/** `data-verified-through`: the seq up to which nothing is missing; null until something is loaded. */
export const selectVerifiedThrough = (state: RootState, conv: ConversationId): number | null => selectTimeline(state, conv).through?.seq ?? null

/** The page of history that was asked for last, while it is on its way or could not be had. */
export const selectFetch = (state: RootState, conv: ConversationId): Fetch | null => state.messages.fetches[conv] ?? null

/** The seq of the first message held: what to ask history before; null when there is nothing before it, or nothing here at all. */
export function selectOlderBefore(state: RootState, conv: ConversationId): number | null {
  const { messages, start } = selectTimeline(state, conv)
  const first = messages[0]?.seq
  const visibleFrom = state.conversations.byId[conv]?.facts.visibleFrom ?? 0
  return start || first === undefined || first <= visibleFrom + 1 ? null : first
}

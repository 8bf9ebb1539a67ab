import type { Fetch } from '#client/features/messages/messagesSlice.ts'
import { EMPTY, reachesStart, type Timeline } from '#client/features/messages/timeline.ts'
import type { RootState } from '#client/store/reducer.ts'
import type { ConversationId, MessageId } from '#protocol/ids.ts'

export const selectTimeline = (state: RootState, conv: ConversationId): Timeline => state.messages.byConv[conv] ?? EMPTY

/** `data-verified-through`: the seq up to which nothing is missing; null until something is loaded. */
export const selectVerifiedThrough = (state: RootState, conv: ConversationId): number | null => selectTimeline(state, conv).through?.seq ?? null

/** The page of history that was asked for last, while it is on its way or could not be had. */
export const selectFetch = (state: RootState, conv: ConversationId): Fetch | null => state.messages.fetches[conv] ?? null

/** Nothing this person may see lies before the first message held. */
export const selectReachesStart = (state: RootState, conv: ConversationId): boolean =>
  reachesStart(selectTimeline(state, conv), state.conversations.byId[conv]?.facts.visibleFrom ?? 0)

/** What to ask history before: the first seq held; null when nothing lies before it, or nothing is here at all. */
export const selectOlderBefore = (state: RootState, conv: ConversationId): number | null =>
  selectReachesStart(state, conv) ? null : (selectTimeline(state, conv).messages[0]?.seq ?? null)

/** The message of this conversation that somebody wants to see. */
export const selectSought = (state: RootState, conv: ConversationId): MessageId | null =>
  state.messages.sought?.conv === conv ? state.messages.sought.id : null

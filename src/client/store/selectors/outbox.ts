import { titleFor } from '#client/features/conversations/titleFor.ts'
import { isUnsent, type Delay } from '#client/features/outbox/outboxSlice.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import type { RootState } from '#client/store/reducer.ts'
import { remembered } from './remembered.ts'
import { selectMyId } from './session.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'

const NONE: OutboxRow[] = []

/** Own messages of one conversation that are not in its timeline yet, in written order. */
export const selectOutboxOf = (state: RootState, conv: ConversationId): OutboxRow[] => state.outbox.byConv[conv] ?? NONE
/** The server asked this conversation to wait. */
export const selectDelayOf = (state: RootState, conv: ConversationId): Delay | null => state.outbox.delayed[conv] ?? null
/** Messages that still have to go out, over all conversations. */
export const selectUnsentCount = (state: RootState): number =>
  Object.values(state.outbox.byConv).reduce((sum, rows) => sum + rows.filter(isUnsent).length, 0)
export const selectUnsentCountOf = (state: RootState, conv: ConversationId): number => selectOutboxOf(state, conv).filter(isUnsent).length
/** Messages of long ago that wait for the person's word. */
export const selectOldUnsentCount = (state: RootState): number => state.outbox.old
/** Messages the server refused, over all conversations. */
export const selectRefusedCount = (state: RootState): number =>
  Object.values(state.outbox.byConv).reduce((sum, rows) => sum + rows.filter((row) => row.state.name === 'refused').length, 0)

/** A row of the outbox page. */
export type OutboxItem = { row: OutboxRow; conv: ConversationId; title: string }

const listFor = remembered(
  (
    byConv: RootState['outbox']['byConv'],
    byId: RootState['conversations']['byId'],
    left: RootState['conversations']['left'],
    me: UserId | null,
  ): OutboxItem[] =>
    Object.values(byConv)
      .flat()
      .filter((row) => row.state.name !== 'stored')
      .map((row) => ({ row, conv: row.conv, title: byId[row.conv] ? titleFor(byId[row.conv]!.facts, me) : (left[row.conv]?.name ?? 'Conversation') }))
      .sort((a, b) => a.row.sentAt - b.row.sentAt || (a.row.clientId < b.row.clientId ? -1 : 1)),
)

/** Everything that is waiting or was refused, over all conversations, in written order. */
export const selectOutboxList = (state: RootState): OutboxItem[] =>
  listFor(state.outbox.byConv, state.conversations.byId, state.conversations.left, selectMyId(state))

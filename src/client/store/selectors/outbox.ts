import { titleFor } from '#client/features/conversations/titleFor.ts'
import { isUnsent, type Delay } from '#client/features/outbox/outboxSlice.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import { TIMING } from '#client/live/timing.ts'
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
/** Those of them in one conversation: whatever was written there since waits behind them. */
export const selectOldUnsentCountOf = (state: RootState, conv: ConversationId, now: number): number =>
  state.outbox.old === 0 ? 0 : selectOutboxOf(state, conv).filter((row) => isOldUnsent(row, now)).length
/** Written so long ago that it waits for the person's word. */
export const isOldUnsent = (row: OutboxRow, now: number): boolean =>
  row.state.name === 'queued' && !row.again && now - row.sentAt > TIMING.OLD_UNSENT_MS
/** Messages the server refused, over all conversations. */
export const selectRefusedCount = (state: RootState): number =>
  Object.values(state.outbox.byConv).reduce((sum, rows) => sum + rows.filter((row) => row.state.name === 'refused').length, 0)

/** Its name is not kept on this device for longer than the page that saw it go. */
const FORMER = 'A conversation you are no longer in'

/** A row of the outbox page. */
export type OutboxItem = { row: OutboxRow; conv: ConversationId; title: string }

const listFor = remembered(
  (
    byConv: RootState['outbox']['byConv'],
    byId: RootState['conversations']['byId'],
    left: RootState['conversations']['left'],
    me: UserId | null,
  ): OutboxItem[] => {
    const titleOf = ({ conv, state }: OutboxRow): string => {
      const entry = byId[conv]
      if (entry) return titleFor(entry.facts, me)
      return left[conv]?.name ?? (state.name === 'refused' && state.code === 'E_NOT_MEMBER' ? FORMER : 'Conversation')
    }
    return Object.values(byConv)
      .flat()
      .filter((row) => row.state.name !== 'stored')
      .map((row) => ({ row, conv: row.conv, title: titleOf(row) }))
      .sort((a, b) => a.row.sentAt - b.row.sentAt || (a.row.clientId < b.row.clientId ? -1 : 1))
  },
)

/** Everything that is waiting or was refused, over all conversations, in written order. */
export const selectOutboxList = (state: RootState): OutboxItem[] =>
  listFor(state.outbox.byConv, state.conversations.byId, state.conversations.left, selectMyId(state))

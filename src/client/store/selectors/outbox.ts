import { isUnsent, type Delay } from '#client/features/outbox/outboxSlice.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import { TIMING } from '#client/live/timing.ts'
import type { RootState } from '#client/store/reducer.ts'
import type { ConversationId } from '#protocol/ids.ts'

const NONE: OutboxRow[] = []

/** Own messages of one conversation that are not in its timeline yet, in written order. */
export const selectOutboxOf = (state: RootState, conv: ConversationId): OutboxRow[] => state.outbox.byConv[conv] ?? NONE
/** The server asked this conversation to wait. */
export const selectDelayOf = (state: RootState, conv: ConversationId): Delay | null => state.outbox.delayed[conv] ?? null
/** Messages that still have to go out, over all conversations; with those whose files are on their way. */
export const selectUnsentCount = (state: RootState): number =>
  Object.values(state.outbox.byConv).reduce((sum, rows) => sum + rows.filter(isUnsent).length, state.uploads.list.length)
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
/** How much is waiting or was refused, over all conversations: as many as the outbox page has rows. */
export const selectOutboxCount = (state: RootState): number =>
  Object.values(state.outbox.byConv).reduce((sum, rows) => sum + rows.filter(isListed).length, state.uploads.list.length)
export const isListed = (row: OutboxRow): boolean => row.state.name !== 'stored'

/** Edits, deletions and reactions that have not been answered. */
export const selectWaitingChangesCount = (state: RootState): number =>
  Object.values(state.changes.byConv).reduce((sum, changes) => sum + changes.filter(({ name }) => name === 'waiting').length, 0)

import type { RootState } from '#client/store/reducer.ts'
import { selectUnsentCount, selectWaitingChangesCount } from './outbox.ts'
import { selectMe } from './session.ts'

/** Conversations in which something was begun that is nowhere else: what would be answered or changed is still there. */
export const selectDraftCount = ({ drafts }: RootState) =>
  Object.values(drafts).filter(({ text, files, edits }) => text !== '' || files || edits).length

/** Would who signs out now leave anything behind that is nowhere else? For a guest it is their name. */
export const selectLosesByLeaving = (state: RootState): boolean =>
  selectUnsentCount(state) + selectWaitingChangesCount(state) + selectDraftCount(state) > 0 || selectMe(state)?.isGuest === true

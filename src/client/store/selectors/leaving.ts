import type { RootState } from '#client/store/reducer.ts'
import { selectUnsentCount, selectWaitingChangesCount } from './outbox.ts'
import { selectMe } from './session.ts'

/** Conversations in which something was begun. */
export const selectDraftCount = ({ drafts }: RootState) => Object.keys(drafts).length

/** Would who signs out now leave anything behind that is nowhere else? For a guest it is their name. */
export const selectLosesByLeaving = (state: RootState): boolean =>
  selectUnsentCount(state) + selectWaitingChangesCount(state) + selectDraftCount(state) > 0 || selectMe(state)?.isGuest === true

import { combineReducers, type Action } from '@reduxjs/toolkit'
import { connectionReducer } from '#client/features/connection/connectionSlice.ts'
import { conversationsReducer } from '#client/features/conversations/conversationsSlice.ts'
import { changesReducer } from '#client/features/messages/changesSlice.ts'
import { uploadsReducer } from '#client/features/files/uploadsSlice.ts'
import { messagesReducer } from '#client/features/messages/messagesSlice.ts'
import { noticesReducer } from '#client/features/notices/noticesSlice.ts'
import { outboxReducer } from '#client/features/outbox/outboxSlice.ts'
import { presenceReducer } from '#client/features/presence/presenceSlice.ts'
import { receiptsReducer } from '#client/features/receipts/receiptsSlice.ts'
import { sessionReducer } from '#client/features/session/sessionSlice.ts'
import { draftsReducer } from '#client/live/draft.ts'
import { nobodySignedIn, sessionStarted, signedOut } from '#client/live/facts.ts'

const slices = combineReducers({
  session: sessionReducer,
  connection: connectionReducer,
  conversations: conversationsReducer,
  messages: messagesReducer,
  changes: changesReducer,
  outbox: outboxReducer,
  uploads: uploadsReducer,
  receipts: receiptsReducer,
  presence: presenceReducer,
  drafts: draftsReducer,
  notices: noticesReducer,
})

export type RootState = ReturnType<typeof slices>

/** What belongs to one person is never seen by the next: signing out or becoming somebody else forgets all of it at once, their line included. */
export function reducer(state: RootState | undefined, action: Action): RootState {
  if (!state || !changesPerson(state, action)) return slices(state, action)
  const { session, notices } = state
  return slices({ session, notices }, action)
}

function changesPerson({ session }: RootState, action: Action): boolean {
  if (signedOut.match(action) || nobodySignedIn.match(action)) return true
  return sessionStarted.match(action) && session.name === 'signedIn' && session.user.id !== action.payload.user.id
}

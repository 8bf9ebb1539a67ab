import { combineReducers, configureStore, Tuple, type Action, type Middleware } from '@reduxjs/toolkit'
import { composerReducer } from '#client/features/composer/composerSlice.ts'
import { connectionReducer } from '#client/features/connection/connectionSlice.ts'
import { conversationsReducer } from '#client/features/conversations/conversationsSlice.ts'
import { messagesReducer } from '#client/features/messages/messagesSlice.ts'
import { noticesReducer } from '#client/features/notices/noticesSlice.ts'
import { outboxReducer } from '#client/features/outbox/outboxSlice.ts'
import { presenceReducer } from '#client/features/presence/presenceSlice.ts'
import { receiptsReducer } from '#client/features/receipts/receiptsSlice.ts'
import { sessionReducer } from '#client/features/session/sessionSlice.ts'
import type { Intents } from '#client/live/client.ts'
import { nobodySignedIn, sessionStarted, signedOut } from '#client/live/facts.ts'

const slices = combineReducers({
  session: sessionReducer,
  connection: connectionReducer,
  conversations: conversationsReducer,
  messages: messagesReducer,
  outbox: outboxReducer,
  receipts: receiptsReducer,
  presence: presenceReducer,
  composer: composerReducer,
  notices: noticesReducer,
})

export type RootState = ReturnType<typeof slices>

/** What belongs to one person is never seen by the next: signing out or becoming somebody else forgets all of it at once. */
function reducer(state: RootState | undefined, action: Action): RootState {
  if (!state || !changesPerson(state, action)) return slices(state, action)
  const { session, connection, notices } = state
  return slices({ session, connection, notices }, action)
}

function changesPerson({ session }: RootState, action: Action): boolean {
  if (signedOut.match(action) || nobodySignedIn.match(action)) return true
  return sessionStarted.match(action) && session.name === 'signedIn' && session.user.id !== action.payload.user.id
}

/** The page's one store, and the stream of everything dispatched to it, handed on after the reducers ran. */
export function makeStore() {
  const listeners = new Set<(action: Action) => void>()
  const intents: Intents = {
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  // A listener may dispatch in turn: the next action waits until everybody has heard this one, so all hear them in the same order.
  const unheard: Action[] = []
  const handOn: Middleware = () => (next) => (action) => {
    const result = next(action)
    unheard.push(action as Action)
    if (unheard.length > 1) return result
    try {
      for (let heard = unheard[0]; heard; unheard.shift(), heard = unheard[0]) for (const listener of [...listeners]) listener(heard)
    } finally {
      unheard.length = 0
    }
    return result
  }
  const store = configureStore({
    reducer,
    middleware: (getDefaultMiddleware) => new Tuple(handOn, ...getDefaultMiddleware({ thunk: false })),
  })
  return { store, intents }
}

export type Store = ReturnType<typeof makeStore>['store']
export type AppDispatch = Store['dispatch']

import { configureStore, Tuple, type Action, type Middleware } from '@reduxjs/toolkit'
import type { Intents } from '#client/live/client.ts'
import { reducer } from './reducer.ts'

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
  // an edit of a slice works on the state that is there: no reload, and the tie to the server stays
  import.meta.hot?.accept('./reducer.ts', (edited) => {
    if (edited) store.replaceReducer(edited['reducer'] as typeof reducer)
  })
  return { store, intents }
}

export type Store = ReturnType<typeof makeStore>['store']
export type AppDispatch = Store['dispatch']

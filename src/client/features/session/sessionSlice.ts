import { createReducer } from '@reduxjs/toolkit'
import { catchUpStarted, nobodySignedIn, profileChanged, sessionEnded, sessionStarted, signedOut } from '#client/live/facts.ts'
import type { StopCode } from '#protocol/codes.ts'
import type { Me } from '#protocol/session.ts'

/** Who is signed in. `ended`: the session is gone while the app is in use; everything stays on screen under the in-place sign-in. */
export type SessionState =
  | { name: 'booting' }
  | { name: 'nobody' }
  | { name: 'signedIn'; user: Me; ended: null | { code: StopCode | 'SIGNED_OUT'; at: number } }

export const sessionReducer = createReducer<SessionState>({ name: 'booting' }, (builder) => {
  builder
    .addCase(sessionStarted, (_, { payload }) => ({ name: 'signedIn', user: payload.user, ended: null }))
    .addCase(nobodySignedIn, () => ({ name: 'nobody' }))
    .addCase(signedOut, () => ({ name: 'nobody' }))
    .addCase(sessionEnded, (state, { payload }) => {
      if (state.name === 'signedIn') state.ended = { code: payload.code, at: payload.at }
    })
    .addCase(profileChanged, (state, { payload }) => {
      if (state.name !== 'signedIn') return
      const { name, isGuest = state.user.isGuest, picture = state.user.picture } = payload
      Object.assign(state.user, { name, isGuest, picture: picture ?? undefined })
    })
    .addCase(catchUpStarted, (state, { payload }) => {
      if (state.name === 'signedIn' && state.user.id === payload.hello.user.id) state.user = payload.hello.user
    })
})

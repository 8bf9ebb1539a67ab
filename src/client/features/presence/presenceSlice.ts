import { createReducer } from '@reduxjs/toolkit'
import { catchUpStarted, connectionLost, conversationLeft, messagesArrived, presenceChanged, typingSeen } from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Presence } from '#protocol/presence.ts'

export type Typist = { user: UserId; name: string; /** this client's clock */ until: number }

/** Who is here and who is typing, as last heard on this connection. A lost line forgets it all: none of it outlives what tells it. */
export type PresenceSliceState = {
  known: Record<UserId, Presence>
  typing: Record<ConversationId, Typist[]>
}

const initialState: PresenceSliceState = { known: emptyRecord(), typing: emptyRecord() }

export const presenceReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(presenceChanged, (state, { payload }) => {
      for (const presence of payload.states) state.known[presence.user] = presence
    })
    .addCase(typingSeen, (state, { payload }) => {
      const { conv, user, name, until } = payload
      const typists = (state.typing[conv] ??= [])
      const typist = typists.find((candidate) => candidate.user === user)
      if (typist) Object.assign(typist, { name, until })
      else typists.push({ user, name, until })
    })
    .addCase(messagesArrived, (state, { payload }) => {
      const typists = state.typing[payload.conv]
      if (!typists) return
      const writers = new Set(payload.events.flatMap((event) => (event.kind === 'new' ? [event.message.sender] : [])))
      if (typists.some((typist) => writers.has(typist.user))) state.typing[payload.conv] = typists.filter((typist) => !writers.has(typist.user))
    })
    .addCase(conversationLeft, (state, { payload }) => {
      delete state.typing[payload.conv]
    })
    .addCase(connectionLost, () => initialState)
    // A dead line is sometimes replaced before it is given up: a new one starts from nothing, too.
    .addCase(catchUpStarted, () => initialState)
})

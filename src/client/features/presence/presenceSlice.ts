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

/** Those whose signal still holds. */
export const typingNow = (typists: Typist[], now: number): Typist[] => typists.filter((typist) => typist.until > now)

/** When the next of these signals runs out; null when none holds any more. */
export function typingEndsAt(typists: Typist[], now: number): number | null {
  const ends = typingNow(typists, now).map((typist) => typist.until)
  return ends.length === 0 ? null : Math.min(...ends)
}

/** "Ada is typing…", "Ada and Lena are typing…", "Several people are typing…"; empty when nobody is. */
export function typingWords(names: string[]): string {
  if (names.length === 0) return ''
  if (names.length === 1) return `${names[0]} is typing…`
  return names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : 'Several people are typing…'
}

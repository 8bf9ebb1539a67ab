import type { Action } from '@reduxjs/toolkit'
import { describe, expect, it } from 'vitest'
import {
  browserWentOffline,
  conversationsLearned,
  draftChanged,
  messageWritten,
  nobodySignedIn,
  sessionEnded,
  sessionStarted,
  signedOut,
} from '#client/live/facts.ts'
import { ann, ben, clientId, conv, NOON, person, snapshot } from '#testing/clientBuilders.ts'
import { makeStore } from './makeStore.ts'

const writes = messageWritten({ conv, clientId: clientId(1), body: 'hi', sentAt: NOON })

function used() {
  const made = makeStore()
  made.store.dispatch(sessionStarted({ user: person(ann) }))
  made.store.dispatch(browserWentOffline({ at: 1 }))
  made.store.dispatch(conversationsLearned({ conversations: [snapshot()] }))
  made.store.dispatch(writes)
  made.store.dispatch(draftChanged({ conv, text: 'and' }))
  return made
}

describe('the store', () => {
  it('hands on every action after the reducers ran, until the listener leaves', () => {
    const { store, intents } = makeStore()
    const heard: string[] = []
    const leave = intents.subscribe((action) => heard.push(`${action.type} ${store.getState().outbox.byConv[conv]?.length ?? 0}`))
    store.dispatch(writes)
    leave()
    store.dispatch(writes)
    expect(heard).toEqual(['messageWritten 1'])
  })

  it('lets all listeners hear the same order, also when one of them answers at once', () => {
    const { store, intents } = makeStore()
    const heard: string[] = []
    intents.subscribe((action: Action) => {
      if (messageWritten.match(action)) store.dispatch(draftChanged({ conv, text: 'next' }))
    })
    intents.subscribe((action) => heard.push(action.type))
    store.dispatch(writes)
    expect(heard).toEqual(['messageWritten', 'draftChanged'])
  })

  it('goes on after a listener failed', () => {
    const { store, intents } = makeStore()
    const heard: string[] = []
    const leave = intents.subscribe(() => {
      throw new Error('broken listener')
    })
    expect(() => store.dispatch(writes)).toThrow('broken listener')
    leave()
    intents.subscribe((action) => heard.push(action.type))
    store.dispatch(draftChanged({ conv, text: 'next' }))
    expect(heard).toEqual(['draftChanged'])
  })

  it('refuses state that can’t be written down', () => {
    const { store } = makeStore()
    const said: unknown[] = []
    const { error } = console
    console.error = (...words: unknown[]) => said.push(words[0])
    store.dispatch({ type: 'strange', payload: new Map() })
    console.error = error
    expect(said).toHaveLength(1)
  })

  it.each([
    ['signing out', signedOut()],
    ['finding nobody', nobodySignedIn()],
    ['somebody else', sessionStarted({ user: person(ben) })],
  ])('forgets what belongs to one person with %s, and what was known of their line', (_, action) => {
    const { store } = used()
    store.dispatch(action)
    const { conversations, outbox, drafts, connection } = store.getState()
    expect([conversations.byId, outbox.byConv, drafts]).toEqual([{}, {}, {}])
    expect(connection.offlineSince).toBeNull()
  })

  it('keeps everything when the session ended and the same person signs in again', () => {
    const { store } = used()
    store.dispatch(sessionEnded({ at: 2, code: 'E_AUTH_INVALID' }))
    store.dispatch(sessionStarted({ user: person(ann) }))
    const { conversations, outbox, drafts } = store.getState()
    expect([Object.keys(conversations.byId), outbox.byConv[conv]?.length, drafts]).toEqual([[conv], 1, { [conv]: { text: 'and' } }])
  })
})

import { describe, expect, it } from 'vitest'
import { catchUpStarted, nameChanged, nobodySignedIn, sessionEnded, sessionStarted, signedOut } from '#client/live/facts.ts'
import { ann, ben, helloFacts, person } from '#testing/clientBuilders.ts'
import { sessionReducer } from './sessionSlice.ts'

const booting = sessionReducer(undefined, { type: 'boot' })
const signedIn = sessionReducer(booting, sessionStarted({ user: person(ann) }))
const ended = sessionReducer(signedIn, sessionEnded({ at: 5, code: 'E_AUTH_INVALID' }))

describe('the session', () => {
  it.each([
    ['begins booting', booting, { name: 'booting' }],
    ['may find nobody', sessionReducer(booting, nobodySignedIn()), { name: 'nobody' }],
    ['has a person', signedIn, { name: 'signedIn', user: person(ann), ended: null }],
    [
      'keeps the person when it ended, so that everything stays on screen',
      ended,
      { name: 'signedIn', user: person(ann), ended: { code: 'E_AUTH_INVALID', at: 5 } },
    ],
    ['goes on when that person signs in again', sessionReducer(ended, sessionStarted({ user: person(ann) })), signedIn],
    ['is over after signing out', sessionReducer(signedIn, signedOut()), { name: 'nobody' }],
    ['can’t end before it began', sessionReducer(booting, sessionEnded({ at: 5, code: 'E_AUTH_INVALID' })), { name: 'booting' }],
    [
      'takes a new name',
      sessionReducer(signedIn, nameChanged({ name: 'Anna' })),
      { name: 'signedIn', user: { ...person(ann), name: 'Anna' }, ended: null },
    ],
    [
      'learns the name the server has',
      sessionReducer(signedIn, catchUpStarted({ at: 1, hello: helloFacts({ ...person(ann), name: 'Anna' }) })),
      { name: 'signedIn', user: { ...person(ann), name: 'Anna' }, ended: null },
    ],
    ['is nobody else’s', sessionReducer(signedIn, catchUpStarted({ at: 1, hello: helloFacts(person(ben)) })), signedIn],
  ])('%s', (_, state, expected) => {
    expect(state).toEqual(expected)
  })
})

import { describe, expect, it } from 'vitest'
import { catchUpStarted, nobodySignedIn, profileChanged, sessionEnded, sessionStarted, signedOut } from '#client/live/facts.ts'
import { ann, ben, helloFacts, person } from '#testing/clientBuilders.ts'
import type { PictureId } from '#protocol/ids.ts'
import { sessionReducer } from './sessionSlice.ts'

const PICTURE = '00000000-0000-7000-8000-000000000001' as PictureId

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
      sessionReducer(signedIn, profileChanged({ name: 'Anna' })),
      { name: 'signedIn', user: { ...person(ann), name: 'Anna' }, ended: null },
    ],
    [
      'takes a picture, and keeps it with a new name',
      sessionReducer(sessionReducer(signedIn, profileChanged({ name: 'Ann', picture: PICTURE })), profileChanged({ name: 'Anna' })),
      { name: 'signedIn', user: { ...person(ann), name: 'Anna', picture: PICTURE }, ended: null },
    ],
    [
      'has no picture once it is removed',
      sessionReducer(sessionReducer(signedIn, profileChanged({ name: 'Ann', picture: PICTURE })), profileChanged({ name: 'Ann', picture: null })),
      { name: 'signedIn', user: { ...person(ann), name: 'Ann' }, ended: null },
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

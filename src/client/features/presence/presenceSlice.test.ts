import { describe, expect, it } from 'vitest'
import { catchUpStarted, connectionLost, messagesArrived, presenceChanged, typingSeen } from '#client/live/facts.ts'
import { arrival, ben, cem, conv, helloFacts, nameOf, NOON, says } from '#testing/clientBuilders.ts'
import { presenceReducer } from './presenceSlice.ts'
import { typingEndsAt, typingNow, typingWords } from './typing.ts'

const types = (user: typeof ben, until: number) => typingSeen({ conv, user, name: nameOf(user), until })
const after = (...actions: Parameters<typeof presenceReducer>[1][]) => actions.reduce(presenceReducer, presenceReducer(undefined, { type: 'boot' }))
const names = (state: ReturnType<typeof after>, now: number) => typingNow(state.typing[conv] ?? [], now).map((typist) => typist.name)

describe('typing', () => {
  it('runs out by itself', () => {
    const state = after(types(ben, NOON + 6_000), types(cem, NOON + 9_000))
    expect(names(state, NOON)).toEqual(['Ben', 'Cem'])
    expect(names(state, NOON + 6_000)).toEqual(['Cem'])
    expect([
      typingEndsAt(state.typing[conv]!, NOON),
      typingEndsAt(state.typing[conv]!, NOON + 6_000),
      typingEndsAt(state.typing[conv]!, NOON + 9_000),
    ]).toEqual([NOON + 6_000, NOON + 9_000, null])
  })

  it('holds on with every further signal, and ends with one that says so', () => {
    expect(names(after(types(ben, NOON + 1), types(ben, NOON + 6_000)), NOON + 5_000)).toEqual(['Ben'])
    expect(names(after(types(ben, NOON + 6_000), types(ben, NOON)), NOON)).toEqual([])
  })

  it('ends with that person’s message, and not with another’s', () => {
    const state = after(types(ben, NOON + 6_000), types(cem, NOON + 6_000), messagesArrived(arrival([says(1, ben)])))
    expect(names(state, NOON)).toEqual(['Cem'])
  })

  it.each([
    [[], ''],
    [['Ada'], 'Ada is typing…'],
    [['Ada', 'Lena'], 'Ada and Lena are typing…'],
    [['Ada', 'Lena', 'Ben'], 'Several people are typing…'],
  ])('%j reads "%s"', (who, words) => {
    expect(typingWords(who)).toBe(words)
  })
})

describe('what is known of others', () => {
  const known = presenceChanged({ states: [{ user: ben, state: 'online', lastSeen: null }] })

  it.each([
    ['the line is lost', connectionLost({ at: 0, reason: 'x', attempt: 1, nextRetryAt: null })],
    ['a new line begins', catchUpStarted({ at: 0, hello: helloFacts() })],
  ])('is forgotten when %s', (_, fact) => {
    expect(after(known, types(ben, NOON + 6_000), fact)).toEqual({ known: {}, typing: {} })
  })

  it('is what was heard last', () => {
    expect(after(known, presenceChanged({ states: [{ user: ben, state: 'away', lastSeen: 5 }] })).known[ben]).toEqual({
      user: ben,
      state: 'away',
      lastSeen: 5,
    })
  })
})

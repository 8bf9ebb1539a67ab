import type { Action } from '@reduxjs/toolkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  browserCameOnline,
  browserWentOffline,
  catchUpStarted,
  connectionAuthenticating,
  connectionDialled,
  connectionLost,
  connectionRefused,
  nobodySignedIn,
  requestAnswered,
  restartAnnounced,
  roomsSynced,
  sessionEnded,
  sessionStarted,
} from '#client/live/facts.ts'
import { ann, helloFacts, person } from '#testing/clientBuilders.ts'
import { bannerFor, countdownWords, nextChangeAt } from './banner.ts'
import { connectionReducer, type ConnectionState } from './connectionSlice.ts'
import { BANNER_MIN_VISIBLE_MS } from './timing.ts'

const after = (actions: Action[], from?: ConnectionState) => actions.reduce(connectionReducer, from ?? connectionReducer(undefined, { type: 'boot' }))

const started = sessionStarted({ user: person(ann) })
const dials = (at: number) => connectionDialled({ at, attempt: 1 })
const authenticates = (at: number) => connectionAuthenticating({ at })
const catchesUp = (at: number) => catchUpStarted({ at, hello: helloFacts() })
const synced = (at: number) => roomsSynced({ at, serverAt: at })
const drops = (at: number, retryIn = 1_000) => connectionLost({ at, reason: 'transport close', attempt: 1, nextRetryAt: at + retryIn })
const goesOffline = (at: number) => browserWentOffline({ at })
const comesOnline = (at: number) => browserCameOnline({ at })

/** Live since 0; everything below happens after that. */
const live = after([started, dials(-30), authenticates(-20), catchesUp(-10), synced(0)])
const back = (at: number) => [dials(at - 30), authenticates(at - 20), catchesUp(at - 10), synced(at)]

const text = (state: ConnectionState, now: number, unsent = 0) => bannerFor(state, now, unsent)?.text ?? null

describe('the banner', () => {
  it('is not there while all is well', () => {
    expect(bannerFor(live, 60_000, 0)).toBeNull()
    expect(nextChangeAt(live, 60_000)).toBeNull()
  })

  describe('without a network', () => {
    const state = after([goesOffline(1_000)], live)

    it('comes 500 ms after the browser said so, and not before', () => {
      expect(text(state, 1_499)).toBeNull()
      expect(text(state, 1_500)).toMatch(/^You're offline\./)
      expect(nextChangeAt(state, 1_000)).toBe(1_500)
    })

    it.each([
      [0, "You're offline. Messages will be sent when you're back."],
      [1, "You're offline. 1 message will send when you're back."],
      [2, "You're offline. 2 messages will send when you're back."],
    ])('with %i waiting says what happens to them', (unsent, words) => {
      expect(bannerFor(state, 2_000, unsent)).toMatchObject({ tone: 'calm', text: words, action: 'retryNow', announce: words })
    })

    it('says nothing about a flicker', () => {
      expect(text(after([comesOnline(1_400)], state), 2_000)).toBeNull()
    })

    it('takes over from "Reconnecting…" without a pause', () => {
      const dropped = after([drops(1_000)], live)
      expect(text(after([goesOffline(4_000)], dropped), 4_001)).toMatch(/^You're offline/)
    })
  })

  describe('after the line dropped', () => {
    const state = after([drops(1_000)], live)

    it('comes after 2 s', () => {
      expect(text(state, 2_999)).toBeNull()
      expect(text(state, 3_000)).toBe('Reconnecting…')
      expect(nextChangeAt(state, 1_000)).toBe(3_000)
    })

    it('never shows for a blip that is over within 2 s, and says nothing about being back', () => {
      const healed = after(back(2_900), state)
      for (const now of [2_900, 3_000, 3_500, 5_000]) expect(text(healed, now)).toBeNull()
    })

    it('says that it is back for 2 s, if it had been there', () => {
      const healed = after(back(4_000), state)
      expect(bannerFor(healed, 4_000, 0)).toMatchObject({ tone: 'ok', text: 'Back online' })
      expect(text(healed, 5_999)).toBe('Back online')
      expect(text(healed, 6_000)).toBeNull()
      expect(nextChangeAt(healed, 4_000)).toBe(6_000)
    })

    it('changes its words at once when the line drops while it still says "Back online"', () => {
      expect(text(after([...back(4_000), drops(5_000)], state), 5_000)).toBe('Reconnecting…')
      expect(text(after([...back(4_000), drops(7_000)], state), 7_001)).toBeNull()
    })

    it('counts the attempts and the messages that wait', () => {
      const third = after([dials(2_000), drops(2_100), dials(4_000), drops(4_100)], state)
      expect(bannerFor(third, 5_000, 2)).toMatchObject({
        tone: 'warn',
        text: 'Reconnecting…',
        attempt: 3,
        promise: "2 messages will send when you're back.",
        spinner: true,
        action: 'retryNow',
      })
    })

    it('stays up while what was missed is fetched, but never comes up for that alone', () => {
      expect(text(after([catchesUp(4_000)], state), 4_500)).toBe('Catching up…')
      expect(text(after([catchesUp(2_500)], state), 9_000)).toBeNull()
    })

    it('comes at once when catching up fails again after 2 s', () => {
      expect(text(after([catchesUp(2_500), drops(3_100)], state), 3_101)).toBe('Reconnecting…')
    })
  })

  describe('when it takes long', () => {
    const state = after([drops(1_000)], live)

    it('says so from 15 s on', () => {
      expect(text(state, 15_999)).toBe('Reconnecting…')
      expect(text(state, 16_000)).toBe("Can't reach the server.")
      expect(nextChangeAt(state, 3_000)).toBe(16_000)
    })

    it('says so from the third failed dial on', () => {
      const failed = after([dials(2_000), drops(2_050), dials(3_000), drops(3_050), dials(5_000), drops(5_050, 12_000)], state)
      expect(bannerFor(failed, 5_100, 0)).toMatchObject({
        text: "Can't reach the server.",
        countdownTo: 17_050,
      })
      expect(countdownWords(17_050, 5_100)).toBe('Trying again in 12 s.')
    })

    it('is not stuck: back at 14.9 s, nothing is left of it at 15.1 s but "Back online", and then nothing', () => {
      const healed = after(back(15_900), state)
      expect(text(healed, 16_100)).toBe('Back online')
      expect(text(healed, 17_900)).toBeNull()
      expect(nextChangeAt(healed, 17_900)).toBeNull()
    })
  })

  describe('on a network that answers in the server’s place', () => {
    const strange = requestAnswered({ byServer: false })
    const state = after([drops(1_000), strange, strange], live)
    const SIGN_IN = "Can't reach the server. This network may want you to sign in."

    it('says from the third such answer in a row that it may want a sign-in', () => {
      expect(text(state, 3_000)).toBe('Reconnecting…')
      expect(bannerFor(after([strange], state), 3_000, 2)).toMatchObject({
        tone: 'warn',
        text: SIGN_IN,
        promise: "2 messages will send when you're back.",
        action: 'retryNow',
        announce: `${SIGN_IN} 2 messages will send when you're back.`,
      })
    })

    it('says so after answers that failed to come in between', () => {
      expect(text(after([dials(3_000), drops(3_100), dials(4_000), strange], state), 4_100)).toBe(SIGN_IN)
    })

    it('says it no more once the server itself has answered', () => {
      const answered = after([strange, requestAnswered({ byServer: true })], state)
      expect(text(answered, 3_000)).toBe('Reconnecting…')
      expect(text(after([strange, strange], answered), 3_000)).toBe('Reconnecting…')
    })

    it('says it no more when the network went away: the next one may be another', () => {
      expect(text(after([strange, goesOffline(4_000), comesOnline(5_000)], state), 6_000)).toBe('Reconnecting…')
    })

    it('says nothing while the line stands', () => {
      expect(text(after([strange, strange, strange], live), 60_000)).toBeNull()
    })
  })

  describe('the countdown', () => {
    it('counts only waits of 5 s or more, while they last', () => {
      expect(bannerFor(after([drops(1_000, 4_999)], live), 4_000, 0)?.countdownTo).toBeNull()
      const long = after([drops(1_000, 5_000)], live)
      expect(bannerFor(long, 4_000, 0)?.countdownTo).toBe(6_000)
      expect(bannerFor(long, 6_000, 0)?.countdownTo).toBeNull()
      expect(bannerFor(after([dials(5_000)], long), 5_000, 0)?.countdownTo).toBeNull()
    })

    it('changes once a second and stays at 1 until the dial', () => {
      const state = after([drops(1_000, 8_000)], live)
      expect([4_000, 4_001, 5_000, 8_999].map((now) => countdownWords(9_000, now))).toEqual([
        'Trying again in 5 s.',
        'Trying again in 5 s.',
        'Trying again in 4 s.',
        'Trying again in 1 s.',
      ])
      expect([4_000, 4_500, 5_000].map((now) => nextChangeAt(state, now))).toEqual([5_000, 5_000, 6_000])
    })

    it('does not count when no dial is planned', () => {
      const state = after([connectionLost({ at: 1_000, reason: 'offline', attempt: 1, nextRetryAt: null })], live)
      expect(bannerFor(state, 9_000, 0)?.countdownTo).toBeNull()
    })
  })

  describe('the first time', () => {
    const state = after([started, dials(0)])

    it('leaves 3 s in peace, then says what it does, and after 15 s that it takes long', () => {
      expect(text(state, 2_999)).toBeNull()
      expect(bannerFor(state, 3_000, 0)).toMatchObject({ tone: 'calm', text: 'Connecting…' })
      expect(bannerFor(state, 15_000, 1)).toMatchObject({
        text: "Taking longer than usual. 1 message will send once you're connected.",
        action: 'retryNow',
      })
      expect([nextChangeAt(state, 0), nextChangeAt(state, 3_000), nextChangeAt(state, 15_000)]).toEqual([3_000, 15_000, null])
    })

    it('says nothing about being back when nothing had been said', () => {
      expect(text(after([authenticates(100), catchesUp(200), synced(300)], state), 400)).toBeNull()
    })
  })

  describe('a restart that was announced', () => {
    const state = after([restartAnnounced({ at: 1_000, backAt: 11_000 })], live)

    it('is told while still live', () => {
      expect(text(state, 1_000)).toBe('Server is restarting, back in about 10 s. Nothing is lost.')
    })

    it('stays the reason while the line is down, and not for ever', () => {
      const down = after([drops(3_000, 8_000)], state)
      expect(text(down, 3_001)).toMatch(/^Server is restarting/)
      expect(text(down, 16_000)).toBe('Reconnecting…')
      expect(text(down, 18_000)).toMatch(/^Can't reach the server/)
    })

    it('is over once we are back, and when it never came', () => {
      expect(text(after([drops(3_000), ...back(9_000)], state), 9_001)).toBe('Back online')
      expect(text(state, 16_000)).toBeNull()
      expect(nextChangeAt(state, 1_000)).toBe(16_000)
    })
  })

  describe('when the server said no', () => {
    it.each([
      ['REPLACED', { text: 'This conversation is open in another tab.', action: 'useHere' }],
      ['E_PROTO', { text: 'This page is out of date. Reload it to continue.', action: 'reload' }],
      ['E_BANNED', { text: 'This account can no longer be used here.', action: null }],
      ['E_DEVICE_LIMIT', { action: 'retryNow' }],
    ] as const)('%s says why, and what can be done', (code, expected) => {
      expect(bannerFor(after([connectionRefused({ at: 1_000, code })], live), 1_000, 0)).toMatchObject(expected)
    })

    it('an ended session asks to sign in and names what waits', () => {
      const ended = after([sessionEnded({ at: 1_000, code: 'E_AUTH_INVALID' })], live)
      expect(bannerFor(ended, 1_000, 2)).toMatchObject({ text: 'Your session ended. Sign in to send 2 waiting messages.', action: 'signIn' })
      expect(text(ended, 1_000, 0)).toBe('Your session ended. Sign in to continue.')
    })

    it('there is none on the welcome page', () => {
      expect(bannerFor(after([nobodySignedIn()]), 1_000, 0)).toBeNull()
    })
  })
})

const strangerAnswers = (_: number) => requestAnswered({ byServer: false })
const serverAnswers = (_: number) => requestAnswered({ byServer: true })
const HAPPENINGS = [drops, dials, authenticates, catchesUp, synced, goesOffline, comesOnline, strangerAnswers, serverAnswers]

describe('over any course of events', () => {
  /** A line that drops, dials, fails, catches up, loses its network, at any times. */
  const course = fc.array(fc.tuple(fc.integer({ min: 0, max: 4_000 }), fc.constantFrom(...HAPPENINGS)), { maxLength: 40 }).map((steps) => {
    let at = 0
    return steps.map(([wait, happens]) => ({ at: (at += wait), action: happens(at) }))
  })

  /** Every moment at which the screen could change, and what it says then. */
  function film(steps: { at: number; action: Action }[], until: number): { at: number; state: ConnectionState; shown: string | null }[] {
    const frames: { at: number; state: ConnectionState; shown: string | null }[] = []
    let state = live
    let now = 0
    const see = () => frames.push({ at: now, state, shown: text(state, now) })
    for (const step of [...steps, { at: until, action: { type: 'the end' } }]) {
      for (let next = nextChangeAt(state, now); next !== null && next < step.at; next = nextChangeAt(state, now)) {
        now = next
        see()
      }
      now = step.at
      state = connectionReducer(state, step.action)
      see()
    }
    return frames
  }

  it('one timer at `nextChangeAt` is enough: between two of its moments the banner says the same', () => {
    fc.assert(
      fc.property(course, fc.nat(20_000), fc.nat(20_000), (steps, from, more) => {
        const state = after(
          steps.map(({ action }) => action),
          live,
        )
        const now = (steps.at(-1)?.at ?? 0) + from
        const next = nextChangeAt(state, now) ?? Infinity
        const later = Math.min(now + more, next - 1)
        expect(bannerFor(state, later, 0)).toEqual(bannerFor(state, now, 0))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is never stuck: once live with a network, it is gone after 2 s', () => {
    fc.assert(
      fc.property(course, (steps) => {
        const end = (steps.at(-1)?.at ?? 0) + 1_000
        const state = after([...steps.map(({ action }) => action), comesOnline(end), ...back(end)], live)
        expect(bannerFor(state, end + 2_000, 0)).toBeNull()
      }),
      { numRuns: 1_000 },
    )
  })

  it('never flickers: what comes up stays up for 600 ms', () => {
    fc.assert(
      fc.property(course, (steps) => {
        const frames = film(steps, (steps.at(-1)?.at ?? 0) + 60_000)
        let since: number | null = null
        for (const frame of frames) {
          if (frame.shown !== null) since ??= frame.at
          else if (since !== null) {
            expect(frame.at - since).toBeGreaterThanOrEqual(BANNER_MIN_VISIBLE_MS)
            since = null
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('never says "Back online" out of the blue', () => {
    fc.assert(
      fc.property(course, (steps) => {
        const frames = film(steps, (steps.at(-1)?.at ?? 0) + 60_000)
        frames.forEach((frame, at) => {
          if (frame.shown === 'Back online') expect(frames[at - 1]!.shown).not.toBeNull()
        })
      }),
      { numRuns: 1_000 },
    )
  })
})

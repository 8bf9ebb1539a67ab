import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CODES, FAREWELLS, type Code, type FarewellCode } from '#protocol/codes.ts'
import { deadlineOf, holdsSocket, isOpen, lineAfter, type LineContext, type LineEvent, type LineState } from './lineMachine.ts'
import { backoffMs, TIMING } from './timing.ts'

const NOW = 1_000_000
const context = (more: Partial<LineContext> = {}): LineContext => ({
  now: NOW,
  unit: 0.5,
  timing: TIMING,
  online: true,
  loopback: false,
  tokenFresh: true,
  ...more,
})

const STATES: LineState[] = [
  { name: 'refreshing', failures: 2 },
  { name: 'dialing', failures: 2, refreshed: false },
  { name: 'opening', failures: 2, refreshed: false },
  { name: 'hello', failures: 2, refreshed: true },
  { name: 'syncing', failures: 2, since: NOW - 100 },
  { name: 'live', failures: 2, since: NOW - 100 },
  { name: 'probing', failures: 2, since: NOW - 100, from: 'live' },
  { name: 'draining', failures: 0, since: NOW - 100, until: NOW + 3_000, inMs: 3_000 },
  { name: 'backoff', failures: 2, until: NOW + 2_000, reason: 'transport close', since: NOW },
  { name: 'offline', failures: 2, reason: 'offline' },
  { name: 'blocked', code: 'E_BANNED' },
  { name: 'closed' },
]

const EVENTS: LineEvent[] = [
  { name: 'TOKEN_OK' },
  { name: 'TOKEN_DENIED' },
  { name: 'TOKEN_FAILED' },
  { name: 'ENGINE_OPEN' },
  { name: 'CONNECTED' },
  ...(Object.keys(CODES) as Code[]).map((code): LineEvent => ({ name: 'REFUSED', code, retryAfterMs: 700 })),
  { name: 'FAILED', reason: 'xhr poll error', retryAfterMs: 0 },
  { name: 'HELLO_OK' },
  { name: 'CAUGHT_UP' },
  { name: 'LOST', reason: 'transport close' },
  { name: 'HINT' },
  { name: 'PONG' },
  { name: 'SILENT' },
  ...(Object.keys(FAREWELLS) as FarewellCode[]).map((code): LineEvent => ({ name: 'FAREWELL', code, reconnectInMs: 5_000 })),
  { name: 'TIMER' },
  { name: 'ONLINE' },
  { name: 'OFFLINE' },
  { name: 'HURRY' },
  { name: 'USE_HERE' },
  { name: 'SIGNED_IN' },
  { name: 'BETTER_LINE' },
  { name: 'CLOSE' },
]

const after = (state: LineState, event: LineEvent, more?: Partial<LineContext>) => lineAfter(state, event, context(more))
const live: LineState = { name: 'live', failures: 0, since: NOW - 60_000 }
const dialing: LineState = { name: 'dialing', failures: 0, refreshed: false }

describe('the line machine', () => {
  it('defines every event in every state, and ends only by CLOSE', () => {
    for (const state of STATES) {
      for (const event of EVENTS) {
        const next = after(state, event)
        expect(STATES.map((known) => known.name)).toContain(next.name)
        expect(next.name === 'closed').toBe(event.name === 'CLOSE' || state.name === 'closed')
      }
    }
  })

  it('waits nowhere for ever: every state has a timer, is watched by the tick, or needs the person', () => {
    for (const state of STATES) {
      const waitsForPerson = state.name === 'blocked' || state.name === 'closed'
      expect(deadlineOf(state, NOW, TIMING) !== undefined || state.name === 'live' || waitsForPerson).toBe(true)
    }
  })

  it('dials, opens, says hello, catches up and is live, in that order and no other', () => {
    const path: LineEvent[] = [{ name: 'TOKEN_OK' }, { name: 'ENGINE_OPEN' }, { name: 'CONNECTED' }, { name: 'HELLO_OK' }, { name: 'CAUGHT_UP' }]
    const names = path
      .reduce<LineState[]>((states, event) => [...states, after(states.at(-1)!, event)], [{ name: 'refreshing', failures: 0 }])
      .map((state) => state.name)
    expect(names).toEqual(['refreshing', 'dialing', 'opening', 'hello', 'syncing', 'live'])
  })

  it('is never live without hello and catch-up, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 60 }), (events) => {
        let state: LineState = { name: 'refreshing', failures: 0 }
        let helloed = false
        for (const event of events) {
          const next = after(state, event)
          if (next.name === 'dialing' || next.name === 'refreshing') helloed = false
          if (state.name === 'hello' && event.name === 'HELLO_OK') helloed = true
          if (isOpen(next)) expect(helloed).toBe(true)
          if (next.name === 'live' && state.name === 'syncing') expect(event.name).toBe('CAUGHT_UP')
          state = next
        }
      }),
    )
  })

  it('waits 0.5 to 1.5 s after the first loss, then doubles up to 10 s, and 30 s after ten attempts', () => {
    for (const unit of [0, 0.999]) {
      const lost = after(live, { name: 'LOST', reason: 'transport close' }, { unit })
      expect(lost).toMatchObject({ name: 'backoff', failures: 1 })
      const delay = lost.name === 'backoff' ? lost.until - NOW : 0
      expect(delay).toBeGreaterThanOrEqual(500)
      expect(delay).toBeLessThanOrEqual(1_500)
    }
    expect([1, 2, 3, 4, 5, 10, 11, 500].map((failures) => backoffMs(TIMING, failures, 0.5))).toEqual([
      1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 30_000, 30_000,
    ])
  })

  it('never gives up: from any number of failures another attempt follows', () => {
    const tired: LineState = { name: 'backoff', failures: 5_000, until: NOW, reason: 'dial time-out', since: NOW }
    expect(after(tired, { name: 'TIMER' }).name).toBe('dialing')
  })

  it('forgets failures only after ten steady seconds', () => {
    const young: LineState = { name: 'live', failures: 4, since: NOW - 3_000 }
    expect(after(young, { name: 'LOST', reason: 'x' })).toMatchObject({ failures: 5 })
    expect(after({ ...young, since: NOW - 10_000 }, { name: 'LOST', reason: 'x' })).toMatchObject({ failures: 1 })
  })

  it('renews a token the server refuses once, and only once', () => {
    const refused: LineEvent = { name: 'REFUSED', code: 'E_AUTH_INVALID', retryAfterMs: 0 }
    expect(after({ ...dialing, name: 'opening' }, refused).name).toBe('refreshing')
    expect(after({ ...dialing, name: 'opening', refreshed: true }, refused)).toEqual({ name: 'blocked', code: 'E_AUTH_INVALID' })
    expect(after({ name: 'refreshing', failures: 0 }, { name: 'TOKEN_DENIED' })).toEqual({ name: 'blocked', code: 'E_AUTH_INVALID' })
  })

  it('renews before dialling when the token is about to end', () => {
    const waiting: LineState = { name: 'backoff', failures: 1, until: NOW, reason: 'x', since: NOW }
    expect(after(waiting, { name: 'TIMER' }, { tokenFresh: false }).name).toBe('refreshing')
  })

  it('takes "busy" as no failure and waits as long as it was told', () => {
    const next = after({ name: 'hello', failures: 0, refreshed: false }, { name: 'REFUSED', code: 'E_BUSY', retryAfterMs: 8_000 })
    expect(next).toMatchObject({ name: 'backoff', failures: 0, until: NOW + 8_000 })
  })

  it('stops for good when the server says so, and comes back only by "Use here"', () => {
    const replaced = after(live, { name: 'FAREWELL', code: 'REPLACED', reconnectInMs: 0 })
    expect(replaced).toEqual({ name: 'blocked', code: 'REPLACED' })
    for (const event of EVENTS) if (event.name !== 'USE_HERE' && event.name !== 'CLOSE') expect(after(replaced, event)).toBe(replaced)
    expect(after(replaced, { name: 'USE_HERE' }).name).toBe('dialing')
  })

  it('comes back from the end of a session when the person signs in again, and by nothing else', () => {
    const ended = after({ name: 'refreshing', failures: 3 }, { name: 'TOKEN_DENIED' })
    for (const event of EVENTS) if (event.name !== 'SIGNED_IN' && event.name !== 'CLOSE') expect(after(ended, event)).toBe(ended)
    expect(after(ended, { name: 'SIGNED_IN' })).toEqual({ name: 'dialing', failures: 0, refreshed: false })
  })

  it.each<[FarewellCode, LineState['name']]>([
    ['DRAIN', 'draining'],
    ['SLOW', 'backoff'],
    ['E_RATE', 'backoff'],
    ['AUTH_EXPIRED', 'refreshing'],
    ['REPLACED', 'blocked'],
    ['SIGNED_OUT', 'blocked'],
    ['DEVICE_REVOKED', 'blocked'],
    ['BANNED', 'blocked'],
    ['PROTO', 'blocked'],
  ])('after the farewell %s it is %s', (code, name) => {
    for (const state of [live, { ...live, name: 'syncing' }, { ...live, name: 'probing', from: 'live' }] satisfies LineState[]) {
      const next = after(state, { name: 'FAREWELL', code, reconnectInMs: 4_000 })
      expect(next.name).toBe(name)
      if (next.name === 'backoff') expect(next.until).toBeGreaterThanOrEqual(NOW + 4_000)
    }
  })

  it('stays on the line while the server announces its restart, and returns when it said', () => {
    const draining = after(live, { name: 'FAREWELL', code: 'DRAIN', reconnectInMs: 4_000 })
    expect(draining).toMatchObject({ name: 'draining', until: NOW + 4_000 })
    expect(after(draining, { name: 'LOST', reason: 'transport close' })).toMatchObject({ name: 'backoff', until: NOW + 4_000 })
    expect(isOpen(draining)).toBe(true)
    // somebody sets the clock back by an hour
    const early = after(draining, { name: 'LOST', reason: 'transport close' }, { now: NOW - 3_600_000 })
    expect(early).toMatchObject({ name: 'backoff', until: NOW - 3_600_000 + 4_000 })
  })

  it('does not dial while the browser says offline, except by hand and now and then to a loopback server', () => {
    const offline: LineState = { name: 'offline', failures: 1, reason: 'transport close' }
    expect(after(live, { name: 'LOST', reason: 'transport close' }, { online: false }).name).toBe('offline')
    expect(after(offline, { name: 'TIMER' }, { online: false })).toBe(offline)
    expect(after(offline, { name: 'TIMER' }, { online: false, loopback: true }).name).toBe('dialing')
    expect(after(offline, { name: 'HURRY' }, { online: false }).name).toBe('dialing')
    expect(after(offline, { name: 'ONLINE' })).toMatchObject({ name: 'backoff', until: NOW + TIMING.ONLINE_SPREAD_MS / 2 })
  })

  it('does not wait for the word “online” when the browser is: it may have been said to nobody', () => {
    const offline: LineState = { name: 'offline', failures: 1, reason: 'transport close' }
    for (const name of ['TIMER', 'HINT'] as const) {
      expect(after(offline, { name }, { online: true })).toEqual({ name: 'dialing', failures: 1, refreshed: false })
      expect(after(offline, { name }, { online: true, tokenFresh: false }).name).toBe('refreshing')
      expect(after(offline, { name }, { online: false })).toBe(offline)
      expect(after(offline, { name }, { online: false, loopback: true }).name).toBe('dialing')
    }
  })

  it('asks before it believes a hint, and keeps what it had when the answer comes', () => {
    for (const from of ['live', 'syncing'] as const) {
      const probing = after({ name: from, failures: 0, since: NOW - 5_000 }, { name: 'HINT' })
      expect(probing).toMatchObject({ name: 'probing', from })
      expect(after(probing, { name: 'PONG' })).toEqual({ name: from, failures: 0, since: NOW - 5_000 })
      expect(after(probing, { name: 'TIMER' }).name).toBe('dialing')
    }
  })

  it('moves to a better line also while it asks about the present one, which `online` makes it do', () => {
    const probing: LineState = { name: 'probing', failures: 0, since: NOW, from: 'live' }
    expect(after(probing, { name: 'BETTER_LINE' }).name).toBe('dialing')
    expect(after(live, { name: 'BETTER_LINE' }).name).toBe('dialing')
  })

  it('holds a socket only where the machine may use one', () => {
    expect(STATES.filter(holdsSocket).map((state) => state.name)).toEqual(['dialing', 'opening', 'hello', 'syncing', 'live', 'probing', 'draining'])
  })
})

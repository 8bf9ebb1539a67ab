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
  lineMeasured,
  nobodySignedIn,
  restartAnnounced,
  roomsSynced,
  sessionEnded,
  sessionStarted,
  signedOut,
  useHereRequested,
} from '#client/live/facts.ts'
import { ann, helloFacts, person } from '#testing/clientBuilders.ts'
import { chipFor, nameFor } from './connectionName.ts'
import { connectionReducer, type ConnectionState } from './connectionSlice.ts'

const boot = connectionReducer(undefined, { type: 'boot' })
const after = (actions: Action[], from: ConnectionState = boot) => actions.reduce(connectionReducer, from)
const name = (actions: Action[], from?: ConnectionState) => nameFor(after(actions, from))

const started = sessionStarted({ user: person(ann) })
const dialled = connectionDialled({ at: 0, attempt: 1 })
const authenticating = connectionAuthenticating({ at: 10 })
const catchUp = catchUpStarted({ at: 20, hello: helloFacts() })
const synced = roomsSynced({ at: 30, serverAt: 1_030 })
const lost = connectionLost({ at: 100, reason: 'transport close', attempt: 1, nextRetryAt: 1_100 })
const offline = browserWentOffline({ at: 200 })
const online = browserCameOnline({ at: 300 })
const live = after([started, dialled, authenticating, catchUp, synced])

describe('the name of the connection', () => {
  it('goes idle, connecting, authenticating, syncing, live on a fresh page, none skipped', () => {
    const names = [started, dialled, authenticating, catchUp, synced].reduce<[ConnectionState, string[]]>(
      ([state, seen], action) => {
        const next = connectionReducer(state, action)
        return [next, [...seen, nameFor(next)]]
      },
      [boot, [nameFor(boot)]],
    )[1]
    expect(names).toEqual(['idle', 'idle', 'connecting', 'authenticating', 'syncing', 'live'])
  })

  it.each<[string, Action[]]>([
    ['the line dropped', [lost]],
    ['the line dropped and is dialled again', [lost, dialled]],
    ['the new line is being authenticated', [lost, dialled, authenticating]],
    ['a dead line is replaced before it was given up', [dialled]],
    ['the token is renewed while live', [authenticating]],
  ])('after having been live is reconnecting: %s', (_, actions) => {
    expect(name(actions, live)).toBe('reconnecting')
  })

  it('is reconnecting after a failed first attempt', () => {
    expect(name([started, dialled, lost])).toBe('reconnecting')
    expect(name([started, dialled, lost, dialled])).toBe('reconnecting')
  })

  it('is syncing, not live, until everything missed is here', () => {
    expect(name([lost, dialled, authenticating, catchUp], live)).toBe('syncing')
    expect(name([lost, dialled, authenticating, catchUp, synced], live)).toBe('live')
  })

  it('starts over as connecting after signing in again', () => {
    expect(name([signedOut(), started, dialled], live)).toBe('connecting')
    expect(name([sessionEnded({ at: 1, code: 'E_AUTH_INVALID' }), started, dialled], live)).toBe('connecting')
  })

  it.each<[string, Action[]]>([
    ['at boot', []],
    ['connecting', [started, dialled]],
    ['syncing', [started, dialled, authenticating, catchUp]],
    ['live, with the line still open', [started, dialled, authenticating, catchUp, synced]],
    ['reconnecting', [started, dialled, authenticating, catchUp, synced, lost]],
    ['the session has ended', [started, sessionEnded({ at: 1, code: 'E_AUTH_INVALID' })]],
  ])('is offline at once when the browser says so: %s', (_, actions) => {
    expect(name([...actions, offline])).toBe('offline')
  })

  it('is signed out, whatever the browser says, where nobody is', () => {
    expect(name([nobodySignedIn(), offline])).toBe('signed-out')
    expect(name([started, offline, signedOut()])).toBe('signed-out')
  })

  it('stays offline while the browser does, whatever the line does, and then tells the truth about the line', () => {
    expect(name([offline, lost, dialled, authenticating, catchUp, synced], live)).toBe('offline')
    expect(name([offline, online], live)).toBe('live')
    expect(name([offline, lost, online], live)).toBe('reconnecting')
    expect(name([offline, started, online])).toBe('idle')
  })

  it.each([
    ['E_AUTH_INVALID', 'signed-out'],
    ['E_DEVICE_REVOKED', 'signed-out'],
    ['E_DEVICE_LIMIT', 'refused'],
    ['E_BANNED', 'refused'],
    ['E_PROTO', 'refused'],
    ['REPLACED', 'refused'],
  ] as const)('refused with %s is %s, and no dial or loss changes that', (code, expected) => {
    expect(name([connectionRefused({ at: 1, code }), lost, dialled, authenticating], live)).toBe(expected)
  })

  it('is signed-out when the session ended or there is nobody', () => {
    expect(name([sessionEnded({ at: 1, code: 'SIGNED_OUT' })], live)).toBe('signed-out')
    expect(name([signedOut()], live)).toBe('signed-out')
    expect(name([nobodySignedIn()])).toBe('signed-out')
  })

  it('"Use here" dials anew after being replaced, and means nothing otherwise', () => {
    expect(name([connectionRefused({ at: 1, code: 'REPLACED' }), useHereRequested(), dialled], live)).toBe('connecting')
    expect(name([connectionRefused({ at: 1, code: 'E_BANNED' }), useHereRequested(), dialled], live)).toBe('refused')
    expect(name([useHereRequested()], live)).toBe('live')
  })

  it('stays live while a restart is announced', () => {
    expect(name([restartAnnounced({ at: 50, backAt: 10_050 })], live)).toBe('live')
  })
})

describe('what is known about the line', () => {
  it('"up to date as of" moves with every exchange that found nothing missing', () => {
    const state = after([roomsSynced({ at: 60, serverAt: 1_060 })], live)
    expect(state.synced).toEqual({ at: 60, serverAt: 1_060 })
    expect(state.line).toBe(live.line)
  })

  it('counts the dials of an outage that failed, once each, and not those a busy server answered', () => {
    const failures = (actions: Action[]) => {
      const { line } = after(actions, live)
      return line.name === 'reconnecting' ? line.outage.failures : undefined
    }
    const busy = connectionLost({ at: 100, reason: 'E_BUSY', attempt: 1, nextRetryAt: 5_000 })
    expect(failures([lost])).toBe(0)
    expect(failures([lost, dialled, lost])).toBe(1)
    expect(failures([lost, dialled, lost, lost, lost])).toBe(1)
    expect(failures([lost, dialled, authenticating, lost, dialled, lost])).toBe(2)
    expect(failures([lost, dialled, busy])).toBe(0)
    expect(failures([lost, dialled, authenticating, catchUp, lost])).toBe(0)
  })

  it('goes on counting after a line that did not last, as the wait does', () => {
    const { line } = after([connectionLost({ at: 100, reason: 'transport close', attempt: 3, nextRetryAt: 4_100 })], live)
    expect(line.name === 'reconnecting' && line.outage.failures).toBe(2)
  })

  it('keeps the reason of the last loss, the measurements and the answer to hello', () => {
    const state = after([lineMeasured({ at: 1, lastHeardAt: 1, rttMs: 12, transport: 'polling' }), lost], live)
    expect(state.lastLoss).toEqual({ at: 100, reason: 'transport close' })
    expect(state.measured).toEqual({ lastHeardAt: 1, rttMs: 12, transport: 'polling' })
    expect(state.hello?.connId).toBe('c1')
  })
})

describe('the chip', () => {
  it.each([
    ['idle', 'Connecting…'],
    ['connecting', 'Connecting…'],
    ['authenticating', 'Connecting…'],
    ['syncing', 'Updating…'],
    ['live', 'Connected'],
    ['reconnecting', 'Reconnecting…'],
    ['offline', 'Offline'],
    ['refused', 'Offline'],
    ['signed-out', 'Signed out'],
  ] as const)('%s says "%s"', (is, word) => {
    expect(chipFor(is)).toBe(word)
  })
})

it('any course of facts leaves a state with a name and a word', () => {
  const facts = [
    started,
    dialled,
    authenticating,
    catchUp,
    synced,
    lost,
    offline,
    online,
    signedOut(),
    nobodySignedIn(),
    useHereRequested(),
    restartAnnounced({ at: 5, backAt: 9 }),
    connectionRefused({ at: 1, code: 'REPLACED' }),
    sessionEnded({ at: 1, code: 'E_AUTH_INVALID' }),
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Action>(...facts), { maxLength: 40 }), (actions) => {
      const state = after(actions)
      const saidOffline = actions.findLastIndex(browserWentOffline.match) > actions.findLastIndex(browserCameOnline.match)
      const isNobody = state.line.name === 'signedOut' && state.line.ended === null
      expect(nameFor(state) === 'offline').toBe(saidOffline && !isNobody)
      expect(chipFor(nameFor(state))).toMatch(/./)
    }),
  )
})

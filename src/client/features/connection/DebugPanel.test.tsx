import { act, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  catchUpStarted,
  connectionAuthenticating,
  connectionDialled,
  connectionLost,
  connectionRefused,
  conversationOpened,
  lineMeasured,
  roomsSynced,
  sessionEnded,
} from '#client/live/facts.ts'
import type { Store } from '#client/store/makeStore.ts'
import { ann, conv, helloFacts, NOON } from '#testing/clientBuilders.ts'
import { renderScreen } from '#testing/renderScreen.tsx'
import { DebugPanel } from './DebugPanel.tsx'

const fact = (name: string) => document.querySelector(`[data-fact="${name}"] dd`)?.textContent
const facts = (...names: string[]) => names.map(fact)

const live = (store: Store) => {
  const at = Date.now()
  store.dispatch(connectionDialled({ at, attempt: 1 }))
  store.dispatch(connectionAuthenticating({ at }))
  store.dispatch(catchUpStarted({ at, hello: { ...helloFacts(), isReconnection: true, reconnectCount: 4 } }))
  store.dispatch(roomsSynced({ at, serverAt: at }))
  store.dispatch(lineMeasured({ at, lastHeardAt: at, rttMs: 12.4, transport: 'polling' }))
}

describe('the inspector', () => {
  beforeEach(() => vi.useFakeTimers({ now: NOON }))
  afterEach(() => vi.useRealTimers())
  const panel = () => renderScreen(<DebugPanel onClose={() => {}} />, { prepare: live }).store
  const passes = (ms: number) => act(() => void vi.advanceTimersByTime(ms))

  it('tells id, rooms, handshake, transport and round trip of an open line, and how long ago the server was heard', () => {
    const store = panel()
    const { connId, sessionId, deviceId } = helloFacts()
    expect(facts('state', 'connected', 'connection id', 'session id', 'device id')).toEqual(['live', 'yes', connId, sessionId, deviceId])
    expect(facts('transport', 'round trip', 'protocol', 'reconnection')).toEqual(['polling', '12 ms', '1', 'yes, 4 so far'])
    expect(fact('rooms')).toBe(`${connId}, user:${ann}, dev:${deviceId}`)
    act(() => void store.dispatch(conversationOpened({ conv })))
    expect(fact('rooms')).toBe(`${connId}, user:${ann}, dev:${deviceId}, view:${conv}`)
    expect(fact('last heard')).toBe('0 s ago')
    passes(3_000)
    expect(fact('last heard')).toBe('3 s ago')
  })

  it('tells of an outage at once: the reason, the attempt, the step and when the next one comes', () => {
    const store = panel()
    act(() => void store.dispatch(connectionLost({ at: NOON, reason: 'ping timeout', attempt: 1, nextRetryAt: NOON + 8_000 })))
    expect(facts('state', 'connected', 'step', 'attempts', 'next retry', 'rooms')).toEqual(['reconnecting', 'no', 'waiting', '1', 'in 8 s', '–'])
    expect(fact('last reason')).toBe('ping timeout, 0 s ago')
    passes(3_000)
    expect(fact('next retry')).toBe('in 5 s')
    act(() => void store.dispatch(connectionDialled({ at: Date.now(), attempt: 2 })))
    expect(facts('step', 'next retry')).toEqual(['dialling', '–'])
    act(() => void store.dispatch(connectionLost({ at: Date.now(), reason: 'dial time-out', attempt: 2, nextRetryAt: Date.now() + 2_000 })))
    expect(facts('attempts', 'last reason')).toEqual(['2', 'dial time-out, 0 s ago'])
  })

  it.each([
    ['refused', connectionRefused({ at: NOON, code: 'REPLACED' }), 'REPLACED'],
    ['refused', connectionRefused({ at: NOON, code: 'E_PROTO' }), 'E_PROTO'],
    ['signed-out', sessionEnded({ at: NOON, code: 'E_DEVICE_REVOKED' }), 'E_DEVICE_REVOKED'],
  ] as const)('names the code when %s', (state, action, code) => {
    const store = panel()
    act(() => void store.dispatch(action))
    expect(facts('state', 'refused', 'next retry')).toEqual([state, code, '–'])
    expect(screen.getByTestId('debug-panel')).toBeTruthy()
  })
})

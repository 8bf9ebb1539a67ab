import { act, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { messageWritten, outboxRowRemoved, pastReplaced, roomsSynced, storageLost } from '#client/live/facts.ts'
import type { Store } from '#client/store/makeStore.ts'
import { clientId, conv, NOON } from '#testing/clientBuilders.ts'
import { liveRegions, renderScreen } from '#testing/renderScreen.tsx'
import { Notices } from './Notices.tsx'

const notices = () => screen.queryAllByTestId('notice')
const passes = (ms: number) => act(() => void vi.advanceTimersByTime(ms))
const isSynced = (store: Store) => act(() => void store.dispatch(roomsSynced({ at: NOON, serverAt: NOON })))
const writes = (store: Store) => act(() => void store.dispatch(messageWritten({ conv, clientId: clientId(1), body: 'hi', sentAt: NOON })))
const isSent = (store: Store) => act(() => void store.dispatch(outboxRowRemoved({ conv, clientId: clientId(1) })))

describe('a notice that asks to wait for something', () => {
  beforeEach(() => vi.useFakeTimers({ now: NOON }))
  afterEach(() => vi.useRealTimers())

  it('"being sent again" goes by itself once all is sent', () => {
    liveRegions()
    const { store } = renderScreen(<Notices />, { prepare: (made) => made.dispatch(pastReplaced({ conv, because: 'restored' })) })
    passes(60_000)
    expect(notices(), 'there is no line yet').toHaveLength(1)
    writes(store)
    isSynced(store)
    passes(60_000)
    expect(notices(), 'a message is on its way').toHaveLength(1)
    isSent(store)
    expect(notices(), 'long enough to be read').toHaveLength(1)
    passes(20_000)
    expect(notices()).toEqual([])
  })

  it('"until everything is sent" goes by itself once something was written and all is sent', () => {
    liveRegions()
    const { store } = renderScreen(<Notices />, { prepare: (made) => made.dispatch(storageLost({ reason: 'missing' })) })
    isSynced(store)
    passes(60_000)
    expect(notices(), 'it warns before the first word').toHaveLength(1)
    writes(store)
    passes(60_000)
    expect(notices()).toHaveLength(1)
    isSent(store)
    passes(20_000)
    expect(notices()).toEqual([])
  })
})

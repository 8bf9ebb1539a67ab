import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  browserCameOnline,
  browserWentOffline,
  catchUpStarted,
  connectionDialled,
  connectionLost,
  connectionRefused,
  requestAnswered,
  retryNowRequested,
  roomsSynced,
  useHereRequested as hereRequested,
} from '#client/live/facts.ts'
import type { Store } from '#client/store/makeStore.ts'
import { helloFacts, NOON } from '#testing/clientBuilders.ts'
import { liveRegions, renderScreen } from '#testing/renderScreen.tsx'
import { ConnectionBanner } from './ConnectionBanner.tsx'
import { ConnectionChip } from './ConnectionChip.tsx'

const banner = () => screen.queryByTestId('connection-banner')
const chip = () => screen.getByTestId('connection-status').textContent
const passes = (ms: number) => act(() => void vi.advanceTimersByTime(ms))

const live = (store: Store) => {
  store.dispatch(connectionDialled({ at: Date.now(), attempt: 1 }))
  store.dispatch(catchUpStarted({ at: Date.now(), hello: helloFacts() }))
  store.dispatch(roomsSynced({ at: Date.now(), serverAt: Date.now() }))
}
const drops = (store: Store, retryInMs: number, attempt = 1) =>
  act(() => void store.dispatch(connectionLost({ at: Date.now(), reason: 'transport close', attempt, nextRetryAt: Date.now() + retryInMs })))

function renderLine(unsent = 0) {
  const said = liveRegions()
  const screenOf = renderScreen(
    <>
      <ConnectionBanner unsent={unsent} onSignIn={() => {}} />
      <ConnectionChip />
    </>,
    { prepare: live },
  )
  return { ...screenOf, said }
}

describe('the banner over time', () => {
  beforeEach(() => vi.useFakeTimers({ now: NOON }))
  afterEach(() => vi.useRealTimers())

  it('is not there while all is well', () => {
    renderLine()
    expect(banner()).toBeNull()
    expect(chip()).toBe('Connected')
  })

  it('shows half a second after the browser says offline, with what happens to the words; the chip at once', () => {
    const { store } = renderLine(2)
    act(() => void store.dispatch(browserWentOffline({ at: Date.now() })))
    expect(chip()).toBe('Offline')
    expect(banner()).toBeNull()
    passes(500)
    expect(banner()!.textContent).toContain("You're offline. 2 messages will send when you're back.")
  })

  it('stays silent for a blip that heals within two seconds', () => {
    const { store, said } = renderLine()
    drops(store, 1_000)
    expect(chip()).toBe('Reconnecting…')
    passes(1_900)
    act(() => live(store))
    expect(chip()).toBe('Connected')
    passes(10_000)
    expect(banner()).toBeNull()
    expect(said.polite()).toEqual([])
  })

  it('counts the seconds down for the eye alone, and only for waits of five seconds or more', () => {
    const { store, said } = renderLine()
    drops(store, 9_000)
    passes(2_000)
    expect(banner()!.textContent).toContain('Trying again in 7 s.')
    passes(1_000)
    expect(banner()!.textContent).toContain('Trying again in 6 s.')
    expect(banner()!.querySelector('[aria-hidden="true"]')!.parentElement!.textContent).toContain('Trying again')
    expect(said.polite()).toHaveLength(1)
    expect(said.polite().join()).not.toContain('Trying again')
  })

  it('escalates at 15 s, says so once, and is gone when the line is back', () => {
    const { store, said } = renderLine()
    drops(store, 30_000)
    passes(15_000)
    expect(banner()!.textContent).toContain("Can't reach the server.")
    expect(said.polite().map((words) => words.split('.')[0])).toEqual(expect.arrayContaining(["Can't reach the server"]))
    act(() => live(store))
    expect(banner()!.textContent).toBe('Back online')
    passes(2_000)
    expect(banner()).toBeNull()
    passes(60_000)
    expect(banner()).toBeNull()
    expect(said.assertive()).toEqual([])
  })

  it('tells those who listen once that the network may want a sign-in, also when that turns out later than the trouble', () => {
    const { store, said } = renderLine(2)
    drops(store, 30_000)
    passes(15_000)
    for (let n = 0; n < 5; n++) act(() => void store.dispatch(requestAnswered({ byServer: false })))
    passes(100)
    expect(banner()!.textContent).toContain("Can't reach the server. This network may want you to sign in.")
    expect(said.polite().filter((words) => words.includes('sign in'))).toEqual([
      "Can't reach the server. This network may want you to sign in. 2 messages will send when you're back.",
    ])
    act(() => void store.dispatch(requestAnswered({ byServer: true })))
    expect(banner()!.textContent).not.toContain('sign in')
  })

  it('has one timer at most, however often the state changes', () => {
    const { store } = renderLine()
    for (let n = 1; n < 20; n++) drops(store, 9_000, n)
    passes(2_000)
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2)
    expect(banner()).not.toBeNull()
  })

  it('asks for an attempt at once when Retry now is pressed', () => {
    const { store, actions } = renderLine()
    drops(store, 30_000)
    passes(3_000)
    fireEvent.click(screen.getByRole('button', { name: 'Retry now' }))
    expect(actions.at(-1)).toEqual(retryNowRequested())
  })

  it('says why a replaced tab is quiet and offers to take over', () => {
    const { store, actions } = renderLine()
    act(() => void store.dispatch(connectionRefused({ at: Date.now(), code: 'REPLACED' })))
    expect(banner()!.textContent).toContain('open in another tab')
    fireEvent.click(screen.getByRole('button', { name: 'Use here' }))
    expect(actions.at(-1)).toEqual(hereRequested())
    expect(banner()).toBeNull()
  })

  it('tells those who listen once that the network is gone and once that it is back', () => {
    const { store, said } = renderLine()
    act(() => void store.dispatch(browserWentOffline({ at: Date.now() })))
    passes(4_000)
    act(() => void store.dispatch(browserCameOnline({ at: Date.now() })))
    passes(100)
    expect(said.polite()).toEqual(["You're offline. Messages will be sent when you're back.", 'Back online.'])
  })
})

describe('the chip', () => {
  it('is not a live region and says since when everything is here', () => {
    renderLine()
    expect(screen.getByTestId('connection-status').closest('[aria-live], [role="status"]')).toBeNull()
    expect(screen.getByTestId('synced-at').textContent).toMatch(/^Up to date as of .*\d\d:\d\d/)
  })
})

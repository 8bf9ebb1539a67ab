import { act } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Client } from '#client/live/client.ts'
import { connectionRefused, draftChanged } from '#client/live/facts.ts'
import { conv, NOON } from '#testing/clientBuilders.ts'
import { renderScreen } from '#testing/renderScreen.tsx'
import { OutsideProvider } from './clientContext.ts'
import { useFreshPage } from './useFreshPage.ts'

const memoryArea = (held = new Map<string, string>()) => ({
  getItem: (key: string) => held.get(key) ?? null,
  setItem: (key: string, value: string) => void held.set(key, value),
  removeItem: (key: string) => void held.delete(key),
})

/** A tab, whose page is reloaded by hand: each `opens` is a page of it. */
function tab(session = memoryArea()) {
  const it = { reloads: 0, isKept: true }
  const memory = { local: memoryArea(), session }
  const reload = () => void it.reloads++
  const client = { isKept: () => Promise.resolve(it.isKept) } as Client
  const Page = () => {
    useFreshPage(memory, reload)
    return null
  }
  const opens = () => {
    const screen = renderScreen(
      <OutsideProvider value={{ client, intents: { subscribe: () => () => {} } }}>
        <Page />
      </OutsideProvider>,
    )
    return {
      ...screen,
      isRefused: (code: 'E_PROTO' | 'E_BANNED' = 'E_PROTO') => act(() => void screen.store.dispatch(connectionRefused({ at: Date.now(), code }))),
      types: (text: string) => act(() => void screen.store.dispatch(draftChanged({ conv, text }))),
    }
  }
  return { it, opens }
}
const passes = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

describe('a page that the server calls out of date', () => {
  beforeEach(() => vi.useFakeTimers({ now: NOON }))
  afterEach(() => vi.useRealTimers())

  it('reloads itself in a moment, and only for that reason', async () => {
    const { it: page, opens } = tab()
    const { isRefused } = opens()
    isRefused('E_BANNED')
    await passes(60_000)
    expect(page.reloads).toBe(0)
    isRefused()
    await passes(999)
    expect(page.reloads).toBe(0)
    await passes(1)
    expect(page.reloads).toBe(1)
  })

  it('does so once: when the next page is as old, the button is left', async () => {
    const { it: page, opens } = tab()
    for (let n = 0; n < 3; n++) {
      const { isRefused, unmount } = opens()
      isRefused()
      await passes(60_000)
      unmount()
    }
    expect(page.reloads).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does so once for each build, also when two builds take turns', async () => {
    const session = memoryArea(new Map([['tidemark:reloaded', 'before another']]))
    const { it: page, opens } = tab(session)
    opens().isRefused()
    await passes(1_000)
    expect(page.reloads).toBe(1)
    expect(session.getItem('tidemark:reloaded')).toBe(`before another ${__BUILD__}`)
  })

  it('never does while words are only in its memory, and does as soon as they are kept', async () => {
    const { it: page, opens } = tab()
    page.isKept = false
    opens().isRefused()
    await passes(60_000)
    expect(page.reloads).toBe(0)
    page.isKept = true
    await passes(1_000)
    expect(page.reloads).toBe(1)
  })

  it('does not while somebody is writing', async () => {
    const { it: page, opens } = tab()
    const { isRefused, types } = opens()
    isRefused()
    for (const text of ['h', 'ha', 'hal', 'half']) {
      await passes(900)
      types(text)
    }
    await passes(999)
    expect(page.reloads).toBe(0)
    await passes(1)
    expect(page.reloads).toBe(1)
  })

  it('does not under an open dialog', async () => {
    const { it: page, opens } = tab()
    const dialog = document.body.appendChild(document.createElement('dialog'))
    dialog.open = true
    opens().isRefused()
    await passes(60_000)
    expect(page.reloads).toBe(0)
    dialog.remove()
    await passes(1_000)
    expect(page.reloads).toBe(1)
  })

  it('does not where the tab can’t remember that it did', async () => {
    const blocked = () => {
      throw new DOMException('blocked', 'SecurityError')
    }
    const { it: page, opens } = tab({ getItem: blocked, setItem: blocked, removeItem: blocked })
    opens().isRefused()
    await passes(60_000)
    expect(page.reloads).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not after it was left', async () => {
    const { it: page, opens } = tab()
    const { isRefused, unmount } = opens()
    isRefused()
    unmount()
    await passes(60_000)
    expect(page.reloads).toBe(0)
  })
})

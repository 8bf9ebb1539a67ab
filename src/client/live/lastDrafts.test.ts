import type { Action } from '@reduxjs/toolkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { clientId, conv, otherConv } from '#testing/clientBuilders.ts'
import { openMemoryDb } from './db.ts'
import { messageSaved, messageWritten } from './facts.ts'
import { openLastDrafts } from './lastDrafts.ts'
import type { Local } from './leftBehind.ts'
import { openStorage, type Storage } from './storage.ts'

const settled = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** A browser whose pages share a database, until it is taken away, and localStorage. */
function browser({ isShared = true, local = () => localStorage }: { isShared?: boolean; local?: () => Local } = {}) {
  let db = openMemoryDb()
  const open = new Set<string>()
  const page = (tab: string) => {
    open.add(tab)
    const inner = openStorage({ ...db, isShared: () => isShared }, { unit: () => 0.5, bytes: () => {} }, () => {}, {
      own: tab,
      open: () => Promise.resolve([...open]),
    })
    /** Transactions of a page that goes away may end with it. */
    let isStuck = false
    const storage: Storage = { ...inner, keepDraft: (...draft) => (isStuck ? new Promise<void>(() => {}) : inner.keepDraft(...draft)) }
    const listeners = new Set<(action: Action) => void>()
    const subscribe = (listener: (action: Action) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
    const last = openLastDrafts({ local, key: 'drafts', tab, storage, intents: { subscribe } })
    const dispatch = (action: Action) => listeners.forEach((listener) => listener(action))
    return {
      type: (text: string, at: number, where = conv) => void last.keep(where, { text }, at),
      writes: (n: number, more: object = {}) => dispatch(messageWritten({ conv, clientId: clientId(n), body: 'hello', sentAt: n, ...more })),
      saves: (n: number) => dispatch(messageSaved({ conv, clientId: clientId(n) })),
      sticks: () => void (isStuck = true),
      isKeptAside: last.leave,
      goes: () => {
        last.leave()
        last.close()
        open.delete(tab)
      },
      shows: async () => (await storage.load()).drafts,
    }
  }
  /** What only a page's memory had is gone with it. */
  const forgets = () => void (db = openMemoryDb())
  return { page, forgets }
}

type Page = ReturnType<ReturnType<typeof browser>['page']>

const lying = () => Object.values<string>({ ...localStorage })

describe('what was typed and not kept when the page went away', () => {
  beforeEach(() => localStorage.clear())

  it('stands in the same composers after a reload, as it was last', async () => {
    const { page } = browser()
    const before = page('A')
    before.type('half a', 1)
    await settled()
    before.sticks()
    before.type('half a sent', 2)
    before.type('half a sentence', 3)
    before.type('elsewhere', 4, otherConv)
    before.goes()
    const next = page('A')
    expect(await next.shows()).toEqual({ [conv]: { text: 'half a sentence' }, [otherConv]: { text: 'elsewhere' } })
    await settled()
    expect(lying()).toEqual([])
  })

  it('is found by another tab when its own does not come back', async () => {
    const { page } = browser()
    const gone = page('A')
    gone.sticks()
    gone.type('half a sentence', 1)
    gone.goes()
    expect(await page('B').shows()).toEqual({ [conv]: { text: 'half a sentence' } })
  })

  it('is not left when it is kept, and nothing of it lies there when it is kept later, by a page that came back', async () => {
    const { page } = browser()
    const it = page('A')
    it.type('kept', 1)
    await settled()
    it.isKeptAside()
    expect(lying()).toEqual([])
    it.type('on its way', 2)
    it.isKeptAside()
    expect(lying()).toEqual([expect.stringContaining('on its way')])
    await settled()
    expect(lying()).toEqual([])
  })

  it('is there of two tabs that go at once, before either hears of the other', async () => {
    const unheard: Local = {
      getItem: () => null,
      setItem: (key, text) => localStorage.setItem(key, text),
      removeItem: (key) => localStorage.removeItem(key),
    }
    const going = browser({ local: () => unheard })
    for (const [at, tab] of ['A', 'B'].entries()) {
      const gone = going.page(tab)
      gone.sticks()
      gone.type(`typed in ${tab}`, at)
      gone.goes()
    }
    const { page } = browser()
    const [a, b] = [page('A'), page('B')]
    expect([await a.shows(), await b.shows()]).toEqual([{ [conv]: { text: 'typed in A' } }, { [conv]: { text: 'typed in B' } }])
    await settled()
    expect(lying()).toEqual([])
  })

  it('does not replace what its tab has kept since', async () => {
    const { page } = browser()
    const hidden = page('A')
    hidden.sticks()
    hidden.type('half', 1)
    hidden.isKeptAside()
    const again = page('A')
    again.type('half a sentence', 2)
    await settled()
    expect(await page('A').shows()).toEqual({ [conv]: { text: 'half a sentence' } })
    expect(lying()).toEqual([])
  })

  it('is nothing where the box was emptied', async () => {
    const { page } = browser()
    const before = page('A')
    before.type('regretted', 1)
    await settled()
    before.sticks()
    before.type('', 2)
    before.goes()
    expect(await page('A').shows()).toEqual({})
  })

  it('is nothing where a message was written from it, whose row could not be kept either', async () => {
    const { page } = browser()
    const before = page('A')
    before.type('hel', 1)
    await settled()
    before.sticks()
    before.writes(2)
    before.goes()
    expect(await page('B').shows()).toEqual({})
    expect(lying()).toEqual([])
  })

  it.each([
    ['nothing where a message was written from it', (page: Page) => page.writes(2), {}],
    ['what it was last', (page: Page) => page.type('hello', 2), { [conv]: { text: 'hello' } }],
  ])('is %s, also where the clock was set back meanwhile', async (_, does, shown) => {
    const { page } = browser()
    const before = page('A')
    before.type('hel', 3_600_000)
    await settled()
    before.sticks()
    does(before)
    before.goes()
    expect(await page('A').shows()).toEqual(shown)
    expect(lying()).toEqual([])
  })

  it('is what was typed after Enter', async () => {
    const { page } = browser()
    const before = page('A')
    before.type('hel', 1)
    before.writes(2)
    before.sticks()
    before.type('the next', 3)
    before.saves(2)
    before.goes()
    expect(await page('A').shows()).toEqual({ [conv]: { text: 'the next' } })
  })

  it('is not taken away by a message that another page wrote', async () => {
    const { page } = browser()
    const it = page('A')
    it.sticks()
    it.type('half a sentence', 1)
    it.writes(2, { found: true })
    it.goes()
    expect(await page('A').shows()).toEqual({ [conv]: { text: 'half a sentence' } })
  })

  it('leaves nothing of a message whose row was kept', async () => {
    const it = browser().page('A')
    it.writes(1)
    it.isKeptAside()
    it.saves(1)
    expect(lying()).toEqual([])
    it.goes()
    expect(lying()).toEqual([])
  })

  it('is kept by nobody else where the browser has no database: it lies there from page to page, until it was sent', async () => {
    const { page, forgets } = browser({ isShared: false })
    page('A').goes()
    const first = page('A')
    first.type('half a sentence', 1)
    first.goes()
    forgets()
    const second = page('B')
    expect(await second.shows()).toEqual({ [conv]: { text: 'half a sentence' } })
    second.goes()
    forgets()
    const third = page('B')
    expect(await third.shows()).toEqual({ [conv]: { text: 'half a sentence' } })
    third.writes(2)
    third.goes()
    forgets()
    expect(await page('C').shows()).toEqual({})
    await settled()
    expect(lying()).toEqual([])
  })
})

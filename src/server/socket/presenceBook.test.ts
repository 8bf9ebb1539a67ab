import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { UserId } from '#protocol/ids.ts'
import type { Presence } from '#protocol/presence.ts'
import { afterRealTime } from '#server/edge/realTime.ts'
import { makePresenceBook } from './presenceBook.ts'

const [ann, bob, eve] = ['ann', 'bob', 'eve'] as [UserId, UserId, UserId]
const GRACE_MS = 10_000

function aBook() {
  const told: { watcher: string; states: Presence[] }[] = []
  const stored = new Map<UserId, number>()
  const strangers = new Set<UserId>([eve])
  const book = makePresenceBook<string>({
    now: Date.now,
    after: afterRealTime,
    graceMs: GRACE_MS,
    batchMs: 100,
    sharing: async (user, others) => new Set(strangers.has(user) ? [] : others.filter((other) => !strangers.has(other))),
    lastSeenOf: async (users) => new Map(users.map((user) => [user, stored.get(user) ?? null])),
    storeLastSeen: async (user, at) => void stored.set(user, at),
    tell: (watcher, states) => told.push({ watcher, states }),
  })
  return { book, told, stored, strangers, states: () => told.flatMap((frame) => frame.states.map((presence) => presence.state)) }
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('presence', () => {
  it('is online on connect and offline ten seconds after the last connection went, with the time it went', async () => {
    const { book, told, stored } = aBook()
    book.arrived('bob-1', bob)
    expect(await book.watch('bob-1', [ann])).toEqual([{ user: ann, state: 'offline', lastSeen: null }])
    book.arrived('ann-1', ann)
    book.arrived('ann-2', ann)
    vi.advanceTimersByTime(100)
    book.left('ann-1', 'lost')
    vi.advanceTimersByTime(2 * GRACE_MS)
    expect(book.stateOf(ann)).toBe('online')
    const wentAt = Date.now()
    book.left('ann-2', 'lost')
    vi.advanceTimersByTime(GRACE_MS - 1)
    expect(book.stateOf(ann)).toBe('online')
    vi.advanceTimersByTime(101)
    expect(told.at(-1)).toEqual({ watcher: 'bob-1', states: [{ user: ann, state: 'offline', lastSeen: wentAt }] })
    expect(stored.get(ann)).toBe(wentAt)
  })

  it('shows nothing of a blip', async () => {
    const { book, states } = aBook()
    book.arrived('bob-1', bob)
    book.arrived('ann-1', ann)
    await book.watch('bob-1', [ann])
    vi.advanceTimersByTime(100)
    const before = states().length
    for (let blip = 0; blip < 20; blip++) {
      book.left('ann-1', 'lost')
      vi.advanceTimersByTime(5_000)
      book.arrived('ann-1', ann)
    }
    vi.advanceTimersByTime(2 * GRACE_MS)
    expect(states()).toHaveLength(before)
  })

  it('goes offline at once on signing out', () => {
    const { book } = aBook()
    book.arrived('ann-1', ann)
    book.left('ann-1', 'signedOut')
    expect(book.stateOf(ann)).toBe('offline')
  })

  it('is away only when every connection is idle', async () => {
    const { book, states } = aBook()
    book.arrived('ann-1', ann)
    book.arrived('ann-2', ann)
    book.arrived('bob-1', bob)
    vi.advanceTimersByTime(100)
    await book.watch('bob-1', [ann])
    book.set('ann-1', 'idle')
    expect(book.stateOf(ann)).toBe('online')
    book.set('ann-2', 'idle')
    expect(book.stateOf(ann)).toBe('away')
    vi.advanceTimersByTime(100)
    book.set('ann-2', 'active')
    vi.advanceTimersByTime(100)
    expect(states()).toEqual(['away', 'online'])
  })

  it('puts a hundred arrivals into one frame', async () => {
    const { book, told } = aBook()
    const crowd = Array.from({ length: 100 }, (_, n) => `user-${n}` as UserId)
    book.arrived('bob-1', bob)
    await book.watch('bob-1', crowd)
    for (const user of crowd) book.arrived(`${user}-1`, user)
    vi.advanceTimersByTime(1_000)
    expect(told).toHaveLength(1)
    expect(told[0]?.states).toHaveLength(100)
  })

  it('goes only to those who share a conversation, and stops when they no longer do', async () => {
    const { book, told, strangers } = aBook()
    book.arrived('eve-1', eve)
    book.arrived('bob-1', bob)
    expect(await book.watch('eve-1', [ann])).toEqual([])
    expect(await book.watch('bob-1', [ann, eve])).toHaveLength(1)
    book.arrived('ann-1', ann)
    vi.advanceTimersByTime(100)
    expect(told.map((frame) => frame.watcher)).toEqual(['bob-1'])
    strangers.add(ann)
    await book.membershipChanged(ann)
    book.set('ann-1', 'idle')
    vi.advanceTimersByTime(100)
    expect(told).toHaveLength(1)
  })

  it('keeps nothing of connections that went', async () => {
    const { book, told } = aBook()
    book.arrived('bob-1', bob)
    await book.watch('bob-1', [ann])
    book.left('bob-1', 'lost')
    book.arrived('ann-1', ann)
    vi.advanceTimersByTime(2 * GRACE_MS)
    expect(told).toEqual([])
    expect(book.stateOf(bob)).toBe('offline')
  })
})

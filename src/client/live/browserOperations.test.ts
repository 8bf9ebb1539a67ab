import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OperationId } from '#protocol/ids.ts'
import { ann, ben, clientId, conv } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { openOperations } from './browserOperations.ts'
import type { MessageChange } from './facts.ts'
import type { Operations } from './operations.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

const change = (n: number): MessageChange => ({
  conv,
  operation: {
    kind: 'react',
    opId: `0f000000-0000-7000-8000-00000000000${n}` as OperationId,
    target: { clientId: clientId(n), sender: ben },
    emoji: '👍',
  },
})
const never = new Promise<never>(() => {})
/** A transaction that is not over before its page is. */
const tooSlow = (): Storage => ({ ...memoryStorage(), addOperations: () => never })

const open: Operations[] = []
/** What the server is asked for from this page; it answers `applied`, or not at all. */
function page(storage: Storage, reply: Promise<{ ok: true; rev: number }> = never) {
  const asked: unknown[] = []
  const operations: Operations = openOperations({
    me: ann,
    clock: virtualClock(0),
    random: { unit: () => 0.5, bytes: () => {} },
    timing: TIMING,
    storage,
    request: ((_: string, { operation }: MessageChange) => (asked.push(operation), reply)) as never,
    emit: () => {},
    maySend: () => true,
    target: () => 'with the server',
    madeHere: () => {},
    read: (snapshot) => operations.load(snapshot),
    notMember: () => {},
    tokenRefused: () => {},
    changed: () => {},
    storageFailed: () => {},
  })
  open.push(operations)
  return { operations, asked }
}
const goesAway = () => window.dispatchEvent(new Event('pagehide'))
const lying = () => Object.keys(localStorage)

describe('a change that was made right before its page went away', () => {
  beforeEach(() => localStorage.clear())
  afterEach(() => open.splice(0).forEach(({ stop }) => stop()))

  it('is made by the next page, and lies there until that one has kept it', async () => {
    const before = page(tooSlow())
    before.operations.add(change(1))
    goesAway()
    before.operations.stop()
    expect(lying()).toHaveLength(1)
    const next = page(memoryStorage())
    expect(next.operations.unkept()).toEqual([change(1)])
    await vi.waitFor(() => expect(next.asked).toEqual([change(1).operation]))
    await vi.waitFor(() => expect(lying()).toEqual([]))
  })

  it('is made by a page that is open already, once', async () => {
    const other = page(memoryStorage())
    const before = page(tooSlow())
    before.operations.add(change(1))
    goesAway()
    before.operations.stop()
    for (let n = 0; n < 2; n++) window.dispatchEvent(new StorageEvent('storage', { key: lying()[0] ?? null }))
    await vi.waitFor(() => expect(lying()).toEqual([]))
    expect(other.asked).toEqual([change(1).operation])
  })

  it('is not left when it was kept in time, was withdrawn, or is done', async () => {
    const storage = memoryStorage()
    const kept = page(storage, Promise.resolve({ ok: true, rev: 1 }))
    kept.operations.add(change(1))
    await vi.waitFor(async () => expect((await storage.outbox()).operations).toEqual([]))
    const slow = page(tooSlow())
    slow.operations.add(change(2))
    slow.operations.add({ ...change(3), notBefore: 9_000 })
    slow.operations.withdraw(conv, change(3).operation.opId)
    goesAway()
    expect(lying()).toEqual([`tidemark:changes:${ann}:${change(2).operation.opId}`])
  })

  it('goes on lying where no storage outlives the page, until the server has it', async () => {
    let answer = (_: { ok: true; rev: number }) => {}
    const reply = new Promise<{ ok: true; rev: number }>((resolve) => (answer = resolve))
    const storage = { ...memoryStorage(), isShared: () => false }
    const one = page(storage, reply)
    one.operations.add(change(1))
    await vi.waitFor(() => expect(one.asked).toHaveLength(1))
    goesAway()
    expect(lying()).toHaveLength(1)
    answer({ ok: true, rev: 1 })
    await vi.waitFor(() => expect(lying()).toEqual([]))
  })
})

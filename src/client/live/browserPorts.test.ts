import { afterEach, describe, expect, it } from 'vitest'
import { browserLocks, browserSurroundings, claimIdentity, openTabs } from './browserPorts.ts'

type Request = (name: string, options: LockOptions, run: () => Promise<unknown> | undefined) => Promise<unknown>

/** Gives the browser locks: one holder a name, the others wait, and a thief puts the holder out. Every page of it asks the same. */
function locksOf(browser: Navigator, request: Request = fairLocks()) {
  Object.defineProperty(browser, 'locks', { configurable: true, value: { request } })
}
function fairLocks(held = new Map<string, { lose: () => void }>()): Request {
  const waiting: { name: string; take: () => void }[] = []
  return (name, { steal, signal }, run) =>
    new Promise((resolve, reject) => {
      const me = { lose: () => reject(new DOMException('stolen', 'AbortError')) }
      const take = () => {
        const loser = held.get(name)
        held.set(name, me)
        loser?.lose()
        void Promise.resolve()
          .then(run)
          .then(() => {
            if (held.get(name) === me) held.delete(name)
            const next = waiting.findIndex((waiter) => waiter.name === name && !held.has(name))
            waiting.splice(next, next < 0 ? 0 : 1).forEach((waiter) => waiter.take())
            resolve(undefined)
          })
      }
      if (steal || !held.has(name)) return take()
      const waiter = { name, take }
      waiting.push(waiter)
      signal?.addEventListener('abort', () => {
        waiting.splice(waiting.indexOf(waiter), 1)
        reject(new DOMException('waited long enough', 'TimeoutError'))
      })
    })
}
afterEach(() => void Reflect.deleteProperty(navigator, 'locks'))

function memoryArea(copied: Record<string, string> = {}) {
  const held = new Map(Object.entries(copied))
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
    copy: () => memoryArea(Object.fromEntries(held)),
  }
}

describe('the browser', () => {
  it('says "wake" when a page comes out of the back-forward cache or is thawed, and not when it is merely shown', () => {
    const heard: string[] = []
    const stop = browserSurroundings.subscribe((change) => heard.push(change))
    const shown = (persisted: boolean) => window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))
    shown(false)
    expect(heard).toEqual([])
    shown(true)
    expect(heard).toEqual(['wake'])
    document.dispatchEvent(new Event('resume'))
    expect(heard).toEqual(['wake', 'wake'])
    window.dispatchEvent(new Event('pagehide'))
    document.dispatchEvent(new Event('visibilitychange'))
    for (const name of ['online', 'offline', 'focus']) window.dispatchEvent(new Event(name))
    expect(heard.slice(2)).toEqual(['hidden', 'visible', 'online', 'offline', 'focus'])
    stop()
    shown(true)
    expect(heard).toHaveLength(7)
  })
})

const settled = () => new Promise((resolve) => void setImmediate(resolve))

describe('a lock of this browser', () => {
  it('that another tab takes away is known to be lost, once, and can be waited for again', async () => {
    locksOf(navigator)
    const told: string[] = []
    const says = (who: string) => ({ taken: () => told.push(`${who} has it`), stolen: () => told.push(`${who} lost it`) })
    const [first, second] = [browserLocks()!, browserLocks()!]
    first.hold('outbox', says('first'))
    await settled()
    const release = second.steal('outbox', says('second'))
    await settled()
    expect(told.toSorted()).toEqual(['first has it', 'first lost it', 'second has it'])

    first.hold('outbox', says('first'))
    await settled()
    expect(told).toHaveLength(3)
    release()
    await settled()
    expect(told.slice(3)).toEqual(['first has it'])
  })

  it('that it denies to a page counts as held: one that may not wait must not wait for ever', async () => {
    locksOf(navigator, () => Promise.reject(new DOMException('denied', 'SecurityError')))
    const told: string[] = []
    browserLocks()!.hold('outbox', { taken: () => told.push('taken'), stolen: () => told.push('stolen') })
    await settled()
    expect(told).toEqual(['taken'])
  })
})

describe('a tab', () => {
  it('that was duplicated is somebody else’s copy: the new one gets an id of its own, the old one and the device stay', async () => {
    locksOf(navigator)
    const local = memoryArea()
    const session = memoryArea()
    const original = await claimIdentity({ local, session })
    const copiedSession = session.copy()
    const copy = await claimIdentity({ local, session: copiedSession })
    expect(copy.deviceId).toBe(original.deviceId)
    expect(copy.tabId).not.toBe(original.tabId)
    expect(session.getItem('tidemark:tab')).toBe(original.tabId)
    expect(copiedSession.getItem('tidemark:tab')).toBe(copy.tabId)
  })

  it('that is reloaded stays itself', async () => {
    const held = new Map<string, { lose: () => void }>()
    locksOf(navigator, fairLocks(held))
    const memory = { local: memoryArea(), session: memoryArea() }
    const first = await claimIdentity(memory)
    // the page goes away, and its locks with it
    held.clear()
    expect(await claimIdentity(memory)).toEqual(first)
  })
})

describe('the tabs that are open', () => {
  const answers = (query: () => Promise<LockManagerSnapshot>) => Object.defineProperty(navigator, 'locks', { configurable: true, value: { query } })

  it('are those whose ids are held', async () => {
    answers(() => Promise.resolve({ held: [{ name: 'tab:one' }, { name: 'outbox:ann' }, { name: 'tab:two' }, {}], pending: [{ name: 'tab:three' }] }))
    expect(await openTabs()).toEqual(['one', 'two'])
  })

  it('are not known where the browser has no locks, or denies them', async () => {
    expect(await openTabs()).toEqual([])
    answers(() => Promise.reject(new DOMException('denied', 'SecurityError')))
    expect(await openTabs()).toEqual([])
  })
})

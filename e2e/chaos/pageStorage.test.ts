import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it } from 'vitest'
import { chanceFrom } from './chance.ts'
import { openPageStorage } from './pageStorage.ts'
import { openCounters } from './tabEars.ts'

let browser: IDBFactory
beforeEach(() => {
  browser = new IDBFactory()
})

const answer = <T>(request: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error!))
  })

/** A page of the browser with a database of one store. `aborts`: every transaction fails, for want of room or for no reason. */
async function page(aborts?: 'full' | 'no reason') {
  const counters = openCounters()
  let throws = 0
  const happens = () => throws++ % 2 === 0 || aborts === 'full'
  const trouble = { isOn: aborts !== undefined, chance: { ...chanceFrom(1, 'test'), happens, between: () => 0 }, counters }
  const storage = openPageStorage(browser, trouble)
  const request = storage.indexedDB.open('words', 1)
  request.addEventListener('upgradeneeded', () => request.result.objectStoreNames.contains('said') || request.result.createObjectStore('said'))
  const db = await answer(request)
  return {
    kill: storage.kill,
    counters,
    close: () => db.close(),
    /** Answers how it ended. */
    say: (word: string) => {
      const transaction = db.transaction('said', 'readwrite')
      const ended = new Promise<string>((resolve) => {
        transaction.addEventListener('complete', () => resolve('kept'))
        transaction.addEventListener('abort', () => resolve(transaction.error?.name ?? 'aborted'))
      })
      try {
        const store = transaction.objectStore('said')
        const busy = () => store.get('nothing').addEventListener('success', busy)
        store.put(true, word)
        if (aborts) busy()
      } catch {
        // a transaction that is over takes nothing
      }
      return ended
    },
    said: () => answer(db.transaction('said').objectStore('said').getAllKeys()),
  }
}

describe('the storage of a page that is killed', () => {
  it('keeps what was complete, nothing of what was under way, and nothing from then on', async () => {
    const killed = await page()
    expect(await killed.say('before')).toBe('kept')
    const last = killed.say('at the end')
    killed.kill()
    expect(await last).toBe('aborted')
    expect(await killed.say('after')).toBe('aborted')
    killed.close()
    expect(await killed.say('after closing')).toBe('aborted')
    const next = await page()
    expect(await next.said()).toEqual(['before'])
  })
  it('leaves the other pages of the browser alone', async () => {
    const [killed, other] = [await page(), await page()]
    killed.kill()
    expect(await other.say('still here')).toBe('kept')
    expect(await other.said()).toEqual(['still here'])
  })
})

it('a transaction fails for want of room, or for no reason, and leaves nothing', async () => {
  const full = await page('full')
  expect(await full.say('too much')).toBe('QuotaExceededError')
  expect(full.counters.all()).toEqual(new Map([['storage full', 1]]))
  const aborted = await page('no reason')
  expect(await aborted.say('unlucky')).toBe('aborted')
  expect(aborted.counters.all()).toEqual(new Map([['storage aborted', 1]]))
  expect(await (await page()).said()).toEqual([])
})

import type { Action } from '@reduxjs/toolkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { arrival, ann, clientId, conv, messageId, says } from '#testing/clientBuilders.ts'
import {
  conversationReset,
  discardRequested,
  messageSaved,
  messageStored,
  messageWritten,
  messagesArrived,
  sendRefused,
  sendStarted,
  unsentEdited,
} from './facts.ts'
import { openLastWords } from './lastWords.ts'
import type { Local } from './leftBehind.ts'

const words = (n: number, body = `words ${n}`) => ({ conv, clientId: clientId(n), body, sentAt: n })
const about = (n: number) => ({ conv, clientId: clientId(n) })

/** All that lies there, by key. */
const lying = () => Object.keys(localStorage)

const setItem = (key: string, text: string) => localStorage.setItem(key, text)
const removeItem = (key: string) => localStorage.removeItem(key)

/**
 * What a page sees whose process has not heard yet what others write, as when several go at once. A browser names the keys in an order of its
 * own.
 */
function asOfNow(): Local {
  const seen: Record<string, string> = Object.fromEntries(Object.entries<string>({ ...localStorage }).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...seen, getItem: (key: string) => seen[key] ?? null, setItem, removeItem }
}

/** A page of one person. What is dispatched reaches the live tie, here a list. */
function page(local: Local = localStorage) {
  const listeners = new Set<(action: Action) => void>()
  const heard: Action[] = []
  const dispatch = (action: Action) => {
    heard.push(action)
    for (const listener of listeners) listener(action)
  }
  const subscribe = (listener: (action: Action) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const { take, leave, close } = openLastWords({ local: () => local, key: 'words', intents: { subscribe }, dispatch })
  const goes = () => {
    leave()
    close()
  }
  const written = () => heard.filter(messageWritten.match).map(({ payload }) => payload)
  const found = () => written().flatMap(({ found: isFound, ...message }) => (isFound ? [message] : []))
  return { dispatch, isKeptAside: leave, goes, hears: take, found }
}

describe('what a page had not kept when it went away', () => {
  beforeEach(() => localStorage.clear())

  it('is written by the next one, with the same ids, as it was last', () => {
    const before = page()
    before.dispatch(messageWritten(words(1)))
    before.dispatch(messageWritten(words(2)))
    before.dispatch(unsentEdited({ ...about(2), body: 'better words' }))
    before.goes()
    expect(page().found()).toEqual([words(1), words(2, 'better words')])
  })

  it('is left there until it is kept, and not a moment longer', () => {
    const before = page()
    before.dispatch(messageWritten(words(1)))
    before.dispatch(messageWritten(words(2)))
    before.goes()
    const next = page()
    next.dispatch(messageSaved(about(1)))
    expect(page().found()).toEqual([words(2)])
    next.dispatch(messagesArrived(arrival([says(2, ann)])))
    expect(lying()).toEqual([])
  })

  it('leaves out what was kept or discarded', () => {
    const before = page()
    for (const n of [1, 2, 3]) before.dispatch(messageWritten(words(n)))
    before.dispatch(messageSaved(about(1)))
    before.dispatch(discardRequested(about(2)))
    before.goes()
    expect(page().found()).toEqual([words(3)])
  })

  it('of two pages that go at once is there of both', () => {
    const [one, other] = [page(asOfNow()), page(asOfNow())]
    one.dispatch(messageWritten(words(1)))
    other.dispatch(messageWritten(words(2)))
    one.goes()
    other.goes()
    expect(page().found()).toEqual([words(1), words(2)])
  })

  it('stays there when another page clears what it has kept at the same moment', () => {
    const gone = page()
    gone.dispatch(messageWritten(words(1)))
    gone.goes()
    const [open, going] = [page(asOfNow()), page(asOfNow())]
    going.dispatch(messageWritten(words(2)))
    going.goes()
    open.dispatch(messageSaved(about(1)))
    expect(page().found()).toEqual([words(2)])
  })

  it('comes in the order in which it was written, whatever the ids and the clock say', () => {
    const before = page()
    for (const n of [3, 1, 12, 2]) before.dispatch(messageWritten(words(n)))
    before.goes()
    const next = page(asOfNow())
    expect(next.found()).toEqual([3, 1, 12, 2].map((n) => words(n)))
    next.dispatch(messageSaved(about(3)))
    next.goes()
    expect(page(asOfNow()).found()).toEqual([1, 12, 2].map((n) => words(n)))
  })

  it('is nothing that somebody else wrote whose name begins in the same way', () => {
    localStorage.setItem(`words-too:${clientId(1)}`, JSON.stringify([{ ...words(1), n: 0 }]))
    expect(page().found()).toEqual([])
  })

  it('is left as far as there is room', () => {
    const full: Local = {
      ...asOfNow(),
      getItem: () => null,
      removeItem,
      setItem: (key, text) => {
        if (text.length > 200) throw new DOMException('full', 'QuotaExceededError')
        setItem(key, text)
      },
    }
    const before = page(full)
    before.dispatch(messageWritten(words(1, 'much '.repeat(100))))
    before.dispatch(messageWritten(words(2)))
    before.goes()
    expect(page().found()).toEqual([words(2)])
  })

  it('is nothing where a browser keeps nothing, or where something else lies there', () => {
    const denied = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const before = page({ getItem: denied, setItem: denied, removeItem: denied })
    before.dispatch(messageWritten(words(1)))
    before.goes()
    localStorage.setItem('words', '[{"conv":1}')
    localStorage.setItem('words:a', '[{"conv":1}]')
    localStorage.setItem('words:b', 'null')
    const last = page()
    last.dispatch(messageWritten(words(2)))
    last.goes()
    expect(page().found()).toEqual([words(2)])
  })
})

describe('pages that are open when another one goes', () => {
  beforeEach(() => localStorage.clear())

  it('write what it had not kept, once, and clear it when it is kept', () => {
    const [gone, one, other] = [page(), page(), page()]
    gone.dispatch(messageWritten(words(1)))
    gone.goes()
    for (const open of [one, other, one]) open.hears()
    expect([one.found(), other.found()]).toEqual([[words(1)], [words(1)]])
    expect(page().found()).toEqual([words(1)])
    one.dispatch(messageSaved(about(1)))
    other.hears()
    other.dispatch(messageSaved(about(1)))
    expect(lying()).toEqual([])
    expect([one.found(), other.found()]).toEqual([[words(1)], [words(1)]])
  })

  it('do not write again what they wrote themselves, or found before', () => {
    const open = page()
    open.dispatch(messageWritten(words(1)))
    open.isKeptAside()
    const gone = page()
    gone.dispatch(messageWritten(words(2)))
    gone.goes()
    open.hears()
    expect(open.found()).toEqual([words(2)])
  })

  it('leave it in their turn when they go before it is kept', () => {
    const [gone, open] = [page(), page()]
    gone.dispatch(messageWritten(words(1)))
    gone.goes()
    open.hears()
    open.goes()
    expect(page().found()).toEqual([words(1)])
  })
})

describe('a page that was kept aside when it went away, and came back', () => {
  beforeEach(() => localStorage.clear())
  const stored = { ...about(1), id: messageId(1), seq: 1, at: 1 }
  const through = { rev: 1, seq: 1 }
  const reset = conversationReset({ conv, messages: [says(1, ann)], notes: [], through, fromCache: false })

  it.each<[string, Action[]]>([
    ['kept', [messageSaved(about(1))]],
    ['took back', [discardRequested(about(1))]],
    ['kept and then took back', [messageSaved(about(1)), discardRequested(about(1))]],
    ['sent', [sendStarted({ conv, clientIds: [clientId(1)], at: 1 }), messageStored(stored)]],
    ['heard', [messagesArrived(arrival([says(1, ann)]))]],
    ['read in a page of its conversation', [reset]],
  ])('leaves nothing of what it %s since', (_, since) => {
    const before = page()
    before.dispatch(messageWritten(words(1)))
    before.dispatch(messageWritten(words(2)))
    before.isKeptAside()
    since.forEach(before.dispatch)
    expect(page().found()).toEqual([words(2)])
    before.goes()
    expect(page().found()).toEqual([words(2)])
  })

  it('leaves what it changed since as it is now, also where it ends without a word', () => {
    const before = page()
    before.dispatch(messageWritten(words(1)))
    before.isKeptAside()
    before.dispatch(unsentEdited({ ...about(1), body: 'better words' }))
    expect(page().found()).toEqual([words(1, 'better words')])
  })
})

describe('words that are on their way', () => {
  beforeEach(() => localStorage.clear())
  const edit = unsentEdited({ ...about(1), body: 'other words' })
  const sending = sendStarted({ conv, clientIds: [clientId(1)], at: 1 })

  it('are left as they went out: a change asked for since follows them, and their id knows no other words', () => {
    const before = page()
    for (const step of [messageWritten(words(1)), sending, edit]) before.dispatch(step)
    before.goes()
    expect(page().found()).toEqual([words(1)])
  })

  it('are left as they were changed when they had been refused before', () => {
    const before = page()
    for (const step of [messageWritten(words(1)), sending, sendRefused({ ...about(1), code: 'E_SERVER_ERROR' }), edit]) before.dispatch(step)
    before.goes()
    expect(page().found()).toEqual([words(1, 'other words')])
  })
})

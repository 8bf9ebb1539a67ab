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

const words = (n: number, body = `words ${n}`) => ({ conv, clientId: clientId(n), body, sentAt: n })
const about = (n: number) => ({ conv, clientId: clientId(n) })

/** A page of one person. What is dispatched reaches the live tie, here a list. */
function page(local: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = localStorage) {
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
    expect(localStorage.getItem('words')).toBe(null)
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
    const [one, other] = [page(), page()]
    one.dispatch(messageWritten(words(1)))
    other.dispatch(messageWritten(words(2)))
    one.goes()
    other.goes()
    expect(page().found()).toEqual([words(1), words(2)])
  })

  it('is nothing where a browser keeps nothing, or where something else lies there', () => {
    const denied = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const before = page({ getItem: denied, setItem: denied, removeItem: denied })
    before.dispatch(messageWritten(words(1)))
    before.goes()
    localStorage.setItem('words', '[{"conv":1}')
    expect(page().found()).toEqual([])
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
    expect(localStorage.getItem('words')).toBe(null)
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

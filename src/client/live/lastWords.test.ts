import type { Action } from '@reduxjs/toolkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { arrival, ann, clientId, conv, says } from '#testing/clientBuilders.ts'
import { discardRequested, messageSaved, messageWritten, messagesArrived, unsentEdited } from './facts.ts'
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
  const { leave, close } = openLastWords({ local: () => local, key: 'words', intents: { subscribe }, dispatch })
  const goes = () => {
    leave()
    close()
  }
  return { dispatch, goes, found: () => heard.filter(messageWritten.match).map(({ payload }) => payload) }
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

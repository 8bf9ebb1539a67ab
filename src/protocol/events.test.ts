import { describe, expect, it } from 'vitest'
import { PUSHES } from './events.ts'
import { REQUESTS } from './requests.ts'

/** Names that Socket.IO and Node's emitters keep for themselves, and those people take them for. */
const RESERVED = ['connect', 'connect_error', 'connection', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'error', 'ping', 'pong']

/** What a push tells is a thing that happened or is about to: never a wish. */
const PUSH_VERBS = /:(events|head|event|changed|expiring|farewell)$/
const WISHES = /:(send|pull|mark|open|close|watch|set|refresh|apply|page|heads|user|part)$/

describe('the names of events', () => {
  it('are subject:verb, but for the two that have no subject', () => {
    const names = [...Object.keys(REQUESTS), ...Object.keys(PUSHES)]
    expect(names.filter((name) => !/^[a-z]+:[a-z]+$/.test(name))).toEqual(['hello', 'probe'])
    expect(new Set(names).size).toBe(names.length)
  })

  it('ask in the present tense and tell what happened', () => {
    expect(Object.keys(REQUESTS).filter((name) => !WISHES.test(name))).toEqual(['hello', 'probe'])
    expect(Object.keys(PUSHES).filter((name) => !PUSH_VERBS.test(name))).toEqual([])
  })

  it('are none that the library keeps for itself', () => {
    for (const name of [...Object.keys(REQUESTS), ...Object.keys(PUSHES)]) expect(RESERVED).not.toContain(name)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action } from '@reduxjs/toolkit'
import {
  conversationReset,
  discardRequested,
  historyArrived,
  messageKeptInMemory,
  messageSaved,
  messageStored,
  messageWritten,
  messagesArrived,
  outboxLoaded,
  outboxRowRemoved,
  retryRequested,
  sendDelayed,
  sendRefused,
  sendStarted,
  sessionStarted,
} from '#client/live/facts.ts'
import { ann, arrival, ben, clientId, conv, messageId, NOON, otherConv, person, says, waiting } from '#testing/clientBuilders.ts'
import { outboxReducer } from './outboxSlice.ts'

const start = outboxReducer(undefined, sessionStarted({ user: person(ann) }))
const after = (actions: Action[], from = start) => actions.reduce(outboxReducer, from)
const rows = (state: ReturnType<typeof outboxReducer>, of = conv) => (state.byConv[of] ?? []).map((row) => `${row.body} ${row.state.name}`)

const written = (n: number, of = conv) => messageWritten({ conv: of, clientId: clientId(n), body: `message ${n}`, sentAt: NOON + n })
const saved = (n: number) => messageSaved({ conv, clientId: clientId(n) })
const sent = (...ns: number[]) => sendStarted({ conv, clientIds: ns.map(clientId), at: NOON })
const stored = (n: number, seq: number) => messageStored({ conv, clientId: clientId(n), id: messageId(n), seq, at: NOON })

describe('the outbox', () => {
  it('holds what was written at once, as saving, and once', () => {
    expect(rows(after([written(1), written(1)]))).toEqual(['message 1 saving'])
  })

  it('keeps the written order, whatever happens to single rows', () => {
    const state = after([written(1), written(2), written(3), saved(3), saved(1), sent(1)])
    expect(rows(state)).toEqual(['message 1 sending', 'message 2 saving', 'message 3 queued'])
  })

  it('keeps conversations apart', () => {
    const state = after([written(1), written(2, otherConv)])
    expect([rows(state), rows(state, otherConv)]).toEqual([['message 1 saving'], ['message 2 saving']])
  })

  it('says when a row exists in this tab only', () => {
    const state = after([written(1), messageKeptInMemory({ conv, clientId: clientId(1) })])
    expect(state.byConv[conv]![0]!.state).toEqual({ name: 'queued', memory: true })
  })

  it.each([
    ['the log', messagesArrived(arrival([says(1, ann)]))],
    ['a reset', conversationReset({ conv, messages: [says(1, ann)], notes: [], through: { rev: 1, seq: 1 }, fromCache: false })],
    ['a page of history', historyArrived({ conv, beforeSeq: 2, messages: [says(1, ann)], notes: [], start: true })],
  ])('lets a row go when %s shows its message, whether or not it was acknowledged', (_, sighting) => {
    expect(rows(after([written(1), saved(1), sighting]))).toEqual([])
    expect(rows(after([written(1), sent(1), stored(1, 1), sighting]))).toEqual([])
  })

  it('is not fooled by another writer with the same client id', () => {
    expect(rows(after([written(1), messagesArrived(arrival([says(1, ben)]))]))).toEqual(['message 1 saving'])
  })

  it('shows an acknowledged row until the log brings it', () => {
    expect(rows(after([written(1), sent(1), stored(1, 1)]))).toEqual(['message 1 stored'])
  })

  it('lets an acknowledged row go when the log has passed it already', () => {
    const passed = messagesArrived(arrival([says(8)]))
    expect(rows(after([written(1), sent(1), passed, stored(1, 5)]))).toEqual([])
    expect(rows(after([written(1), sent(1), stored(1, 5), passed]))).toEqual([])
  })

  it('a refusal stays with its reason until Retry, and later rows go on', () => {
    const refused = after([written(1), written(2), sendRefused({ conv, clientId: clientId(1), code: 'E_TOO_BIG' }), saved(2)])
    expect(rows(refused)).toEqual(['message 1 refused', 'message 2 queued'])
    expect(rows(after([retryRequested({ conv, clientId: clientId(1) })], refused))).toEqual(['message 1 queued', 'message 2 queued'])
  })

  it('a wish to discard waits for the answer, because the row may have been sent', () => {
    const state = after([written(1), discardRequested({ conv, clientId: clientId(1) })])
    expect(rows(state)).toEqual(['message 1 saving'])
    expect(rows(after([outboxRowRemoved({ conv, clientId: clientId(1) })], state))).toEqual([])
  })

  it('remembers that the server said "slower" until something goes out', () => {
    const delayed = after([sendDelayed({ conv, until: NOON + 500, code: 'E_RATE' })])
    expect(delayed.delayed[conv]).toEqual({ until: NOON + 500, code: 'E_RATE' })
    expect(after([sent(1)], delayed).delayed[conv]).toBeUndefined()
  })

  describe('when it is loaded from storage', () => {
    it('takes the stored rows in their order', () => {
      expect(rows(after([outboxLoaded({ rows: [waiting(1), waiting(2)] })]))).toEqual(['message 1 queued', 'message 2 queued'])
    })

    it('drops a waiting row that another tab discarded', () => {
      expect(rows(after([outboxLoaded({ rows: [waiting(1), waiting(2)] }), outboxLoaded({ rows: [waiting(2)] })]))).toEqual(['message 2 queued'])
    })

    it('keeps what was written a moment ago, behind it', () => {
      const state = after([written(1), saved(1), written(2), outboxLoaded({ rows: [waiting(1), waiting(3)] })])
      expect(rows(state)).toEqual(['message 1 queued', 'message 3 queued', 'message 2 saving'])
    })

    it('does not bring back a row the log has already shown', () => {
      const state = after([
        messagesArrived(arrival([says(5)])),
        outboxLoaded({ rows: [waiting(1, { name: 'stored', id: messageId(1), seq: 1, at: NOON })] }),
      ])
      expect(rows(state)).toEqual([])
    })
  })

  it('never loses a row: after any course of facts each message is waiting, refused, or was seen in the log', () => {
    const step = fc
      .integer({ min: 1, max: 4 })
      .chain((n) =>
        fc.constantFrom<{ n: number; action: Action; seen?: boolean }>(
          { n, action: saved(n) },
          { n, action: sent(n) },
          { n, action: stored(n, n + 100) },
          { n, action: sendRefused({ conv, clientId: clientId(n), code: 'E_FORBIDDEN' }) },
          { n, action: retryRequested({ conv, clientId: clientId(n) }) },
          { n, action: historyArrived({ conv, beforeSeq: 9, messages: [says(n, ann)], notes: [], start: false }), seen: true },
        ),
      )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const state = after([1, 2, 3, 4].map((n) => written(n)).concat(steps.map(({ action }) => action) as never[]))
        const seen = new Set(steps.flatMap(({ n, seen: isSeen }) => (isSeen ? [n] : [])))
        expect((state.byConv[conv] ?? []).map((row) => row.clientId)).toEqual([1, 2, 3, 4].filter((n) => !seen.has(n)).map(clientId))
      }),
    )
  })
})

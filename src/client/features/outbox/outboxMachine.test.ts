import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutboxState } from '#client/live/facts.ts'
import { messageId } from '#testing/clientBuilders.ts'
import { stateAfter, type OutboxEvent } from './outboxMachine.ts'

const STATES: Record<string, OutboxState> = {
  saving: { name: 'saving' },
  queued: { name: 'queued', memory: false },
  inMemory: { name: 'queued', memory: true },
  sending: { name: 'sending', since: 5, memory: false },
  sendingMemory: { name: 'sending', since: 5, memory: true },
  stored: { name: 'stored', id: messageId(1), seq: 1, at: 7 },
  refused: { name: 'refused', code: 'E_TOO_BIG' },
}
const EVENTS: Record<string, OutboxEvent> = {
  saved: { name: 'saved' },
  keptInMemory: { name: 'keptInMemory' },
  sendStarted: { name: 'sendStarted', at: 9 },
  stored: { name: 'stored', id: messageId(1), seq: 1, at: 7 },
  refused: { name: 'refused', code: 'E_TOO_BIG' },
  retried: { name: 'retried' },
}

const sendingSince9: OutboxState = { name: 'sending', since: 9, memory: false }
const { queued, inMemory, sending, stored, refused } = STATES

describe('an own message on its way to the log', () => {
  // What is not listed changes nothing.
  const changes: Record<string, Record<string, OutboxState | undefined>> = {
    saving: { saved: queued, keptInMemory: inMemory, sendStarted: sendingSince9, stored, refused },
    queued: { keptInMemory: inMemory, sendStarted: sendingSince9, stored, refused },
    inMemory: { saved: queued, sendStarted: { name: 'sending', since: 9, memory: true }, stored, refused },
    sending: { stored, refused },
    sendingMemory: { saved: sending, stored, refused },
    stored: {},
    refused: { sendStarted: sendingSince9, stored, retried: queued },
  }

  for (const [from, state] of Object.entries(STATES)) {
    for (const [what, event] of Object.entries(EVENTS)) {
      const to = changes[from]![what] ?? state
      it(`${from} | ${what} → ${to === state ? 'no change' : to.name}`, () => {
        expect(stateAfter(state, event)).toEqual(to)
      })
    }
  }

  const anyEvent = fc.constantFrom(...Object.values(EVENTS))
  const RANK = { saving: 0, queued: 1, sending: 2, refused: 3, stored: 4 }

  it('only goes forward, except when the person retries what was refused', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        let state: OutboxState = { name: 'saving' }
        for (const event of events) {
          const next = stateAfter(state, event)
          const isRetry = state.name === 'refused' && (event.name === 'retried' || event.name === 'sendStarted')
          if (!isRetry) expect(RANK[next.name]).toBeGreaterThanOrEqual(RANK[state.name])
          state = next
        }
      }),
    )
  })

  it('is refused by nothing but a refusal, and stored by nothing but the server', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        const state = events.reduce(stateAfter, { name: 'saving' } as OutboxState)
        if (state.name === 'refused') expect(events.some((event) => event.name === 'refused')).toBe(true)
        expect(state.name === 'stored').toBe(events.some((event) => event.name === 'stored'))
      }),
    )
  })

  it('keeps the moment of the first send, because that is how long the person has been waiting', () => {
    expect(stateAfter({ name: 'sending', since: 5, memory: false }, { name: 'sendStarted', at: 9 })).toMatchObject({ since: 5 })
  })
})

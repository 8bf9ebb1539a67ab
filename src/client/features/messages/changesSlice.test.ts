import { describe, expect, it } from 'vitest'
import type { Action } from '@reduxjs/toolkit'
import {
  changesListed,
  conversationLeft,
  conversationReset,
  messagesArrived,
  operationApplied,
  pastReplaced,
  type OwnOperation,
} from '#client/live/facts.ts'
import type { OperationId } from '#protocol/ids.ts'
import { ann, clientId, conv, otherConv } from '#testing/clientBuilders.ts'
import { changesReducer, isAhead, type ChangesState } from './changesSlice.ts'

const opId = (n: number) => `0f000000-0000-7000-8000-${String(n).padStart(12, '0')}` as OperationId
const edit = (n: number): OwnOperation => ({ kind: 'edit', opId: opId(n), target: { clientId: clientId(1), sender: ann }, body: `edit ${n}` })
const deletion = (n: number): OwnOperation => ({ kind: 'delete', opId: opId(n), target: { clientId: clientId(1), sender: ann } })

const after = (...actions: Action[]) => actions.reduce<ChangesState | undefined>((state, action) => changesReducer(state, action), undefined)!
const shown = (state: ChangesState, where = conv) => (state.byConv[where] ?? []).map(({ name, operation }) => `${operation.opId.at(-1)} ${name}`)
const listed = (...operations: OwnOperation[]) => changesListed({ changes: operations.map((operation) => ({ conv, operation })) })
const applied = (n: number, rev: number) => operationApplied({ conv, opId: opId(n), rev })
const arrived = (rev: number) => messagesArrived({ conv, events: [], through: { rev, seq: 1 }, caughtUp: false })

describe('a change that was asked for', () => {
  it('is shown from when it is listed until the log shows it', () => {
    const course = [listed(edit(1)), applied(1, 7), listed(), arrived(6), arrived(7)]
    expect(course.map((_, at) => shown(after(...course.slice(0, at + 1))))).toEqual([['1 waiting'], ['1 made'], ['1 made'], ['1 made'], []])
  })

  it('is gone with the list when the server said no', () => {
    expect(shown(after(listed(edit(1), edit(2)), listed(edit(2))))).toEqual(['2 waiting'])
  })

  it('comes back with a page that is opened later, in the order it was made', () => {
    expect(shown(after(listed(edit(1), deletion(2))))).toEqual(['1 waiting', '2 waiting'])
  })

  it('is not shown any longer when the newest page has it', () => {
    const reset = conversationReset({ conv, messages: [], notes: [], through: { rev: 7, seq: 1 }, fromCache: false })
    expect(shown(after(listed(edit(1)), applied(1, 7), listed(), reset))).toEqual([])
  })

  it('goes with its conversation and leaves those of others alone', () => {
    const other = changesListed({
      changes: [
        { conv, operation: edit(1) },
        { conv: otherConv, operation: edit(2) },
      ],
    })
    const state = after(other, conversationLeft({ conv, name: 'Weekend', by: null, removed: true }))
    expect([shown(state), shown(state, otherConv)]).toEqual([[], ['2 waiting']])
  })

  it('lies ahead of the log until its rev is reached', () => {
    const [made] = after(listed(edit(1)), applied(1, 7)).byConv[conv]!
    expect([isAhead(made!, 6), isAhead(made!, 7)]).toEqual([true, false])
    expect(isAhead(after(listed(edit(1))).byConv[conv]![0]!, 99)).toBe(true)
  })
})

it('what a past that is gone made is shown no longer, and what still waits is', () => {
  const course = [listed(edit(1), deletion(3)), applied(1, 7), listed(deletion(3)), pastReplaced({ conv, because: 'restored' })]
  expect(shown(after(...course))).toEqual(['3 waiting'])
})

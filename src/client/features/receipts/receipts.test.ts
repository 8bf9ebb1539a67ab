import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conversationLeft, conversationsLearned, receiptsChanged } from '#client/live/facts.ts'
import { ann, ben, cem, conv, member, snapshot } from '#testing/clientBuilders.ts'
import { everybodyReached } from './everybodyReached.ts'
import { receiptsReducer } from './receiptsSlice.ts'

const empty = receiptsReducer(undefined, { type: 'boot' })
const mark = (delivered: number, read: number) => receiptsChanged({ conv, user: ben, delivered, read })

describe('marks', () => {
  it('only rise, in whatever order they come', () => {
    const report = fc.record({ delivered: fc.nat(50), read: fc.nat(50) })
    fc.assert(
      fc.property(fc.array(report, { minLength: 1 }), (reports) => {
        let before = { delivered: 0, read: 0 }
        let state = empty
        for (const { delivered, read } of reports) {
          state = receiptsReducer(state, mark(delivered, read))
          const now = state.byConv[conv]?.[ben] ?? before
          expect(now.delivered).toBeGreaterThanOrEqual(before.delivered)
          expect(now.read).toBeGreaterThanOrEqual(before.read)
          expect(now.delivered).toBeGreaterThanOrEqual(now.read)
          before = now
        }
        expect(before.read).toBe(Math.max(...reports.map(({ read }) => read)))
      }),
    )
  })

  it('are learned with the members, and forgotten with the conversation', () => {
    const learned = receiptsReducer(
      empty,
      conversationsLearned({ conversations: [snapshot({ members: [member(ann), member(ben, { delivered: 7, read: 5 })] })] }),
    )
    expect(learned.byConv[conv]?.[ben]).toEqual({ delivered: 7, read: 5 })
    expect(receiptsReducer(learned, conversationLeft({ conv, name: 'Weekend', by: null, removed: false })).byConv[conv]).toBeUndefined()
  })
})

describe('how far everybody got', () => {
  const marks = { [ben]: { delivered: 9, read: 4 }, [cem]: { delivered: 6, read: 6 }, [ann]: { delivered: 0, read: 0 } }

  it.each([
    ['the slowest of all others counts', [ann, ben, cem], { delivered: 6, read: 4 }],
    ['who has left does not count', [ann, ben], { delivered: 9, read: 4 }],
    ['somebody nothing was heard of has nothing', [ann, ben, 'dan' as typeof ann], { delivered: 0, read: 0 }],
    ['alone there is nobody to read', [ann], null],
    ['in a large conversation it is not known', [], null],
  ])('%s', (_, members, expected) => {
    expect(
      everybodyReached(
        members.map((id) => ({ id })),
        marks,
        ann,
      ),
    ).toEqual(expected)
  })
})

import type { Action } from '@reduxjs/toolkit'
import { describe, expect, it } from 'vitest'
import { clientId, conv, fileFacts, messageId, NOON, otherConv } from '#testing/clientBuilders.ts'
import { draftsReducer } from './draft.ts'
import {
  conversationLeft,
  draftChanged,
  draftsLoaded,
  editChosen,
  editEnded,
  editTyped,
  fileDetached,
  filesAttached,
  filesWritten,
  messageWritten,
  pastReplaced,
  replyChosen,
  replyDropped,
  uploadWithdrawn,
} from './facts.ts'

const after = (...actions: Action[]) => actions.reduce(draftsReducer, draftsReducer(undefined, { type: '' }))
const typed = draftChanged({ conv, text: 'half a' })
const whole = [
  typed,
  replyChosen({ conv, to: messageId(1) }),
  filesAttached({ conv, files: [fileFacts(1), fileFacts(2)] }),
  editChosen({ conv, clientId: clientId(5) }),
  editTyped({ conv, clientId: clientId(5), text: 'better' }),
]

describe('what stands in a composer', () => {
  it('is text, what it answers, files, and the change of a message that is under way, per conversation', () => {
    expect(after(...whole, draftChanged({ conv: otherConv, text: 'other' }))).toEqual({
      [conv]: {
        text: 'half a',
        reply: { to: messageId(1) },
        files: [fileFacts(1), fileFacts(2)],
        editing: clientId(5),
        edits: { [clientId(5)]: 'better' },
      },
      [otherConv]: { text: 'other' },
    })
  })

  it.each([
    ['messageWritten', messageWritten({ conv, clientId: clientId(1), body: 'half a', sentAt: NOON })],
    ['filesWritten', filesWritten({ conv, clientId: clientId(1), body: 'half a', sentAt: NOON, files: [fileFacts(1)] })],
  ])('goes with its message (%s), but for the change of another one that was begun', (_, written) => {
    const drafts = after(...whole, replyChosen({ conv, to: messageId(2) }), written)
    expect(drafts).toEqual({ [conv]: { text: '', edits: { [clientId(5)]: 'better' } } })
  })

  it('is nothing any more when all of it is taken away', () => {
    const takenAway = [
      editEnded({ conv, clientId: clientId(5) }),
      replyDropped({ conv }),
      fileDetached({ conv, id: fileFacts(1).id }),
      fileDetached({ conv, id: fileFacts(2).id }),
      draftChanged({ conv, text: '' }),
    ]
    expect(after(...whole, ...takenAway)).toEqual({})
    expect(after(...whole, conversationLeft({ conv, name: 'Weekend', by: null, removed: true }))).toEqual({})
  })

  it('keeps a change that was begun while another message is changed or answered, until it is saved or given up', () => {
    const elsewhere = [editChosen({ conv, clientId: clientId(6) }), editTyped({ conv, clientId: clientId(6), text: 'also' })]
    expect(after(...whole, ...elsewhere)[conv]).toMatchObject({
      editing: clientId(6),
      edits: { [clientId(5)]: 'better', [clientId(6)]: 'also' },
    })
    expect(after(...whole, ...elsewhere, editEnded({ conv, clientId: clientId(6) }))[conv]?.edits).toEqual({ [clientId(5)]: 'better' })
    expect(after(...whole, replyChosen({ conv, to: messageId(3) }))[conv]).not.toHaveProperty('editing')
  })

  it('stays when a message turns up that a page wrote which is gone', () => {
    const found = messageWritten({ conv, clientId: clientId(1), body: 'left', sentAt: NOON, found: true })
    expect(after(typed, found)).toEqual({ [conv]: { text: 'half a' } })
  })

  it('answers nothing any more when that may be of a past that is gone', () => {
    expect(after(...whole, pastReplaced({ conv, because: 'restored' }))[conv]).not.toHaveProperty('reply')
  })

  it('comes from storage without overwriting what was done since, and with the rest of it', () => {
    const stored = { text: 'old', reply: { to: messageId(2) }, files: [fileFacts(3)] }
    const loaded = draftsLoaded({ drafts: { [conv]: stored, [otherConv]: { text: 'kept' } } })
    expect(after(typed, replyChosen({ conv, to: messageId(1) }), loaded)).toEqual({
      [conv]: { text: 'half a', reply: { to: messageId(1) }, files: [fileFacts(3)] },
      [otherConv]: { text: 'kept' },
    })
    expect(after(replyChosen({ conv, to: messageId(1) }), loaded)[conv]?.text).toBe('old')
  })

  it('gets back the words of a message whose files are not to be sent after all, behind those that are there', () => {
    const withdrawn = uploadWithdrawn({ conv, clientId: clientId(1), body: 'look at this' })
    expect(after(withdrawn)).toEqual({ [conv]: { text: 'look at this' } })
    expect(after(typed, withdrawn)).toEqual({ [conv]: { text: 'half a\nlook at this' } })
    expect(after(typed, uploadWithdrawn({ conv, clientId: clientId(1), body: '' }))).toEqual({ [conv]: { text: 'half a' } })
  })
})

import { describe, expect, it } from 'vitest'
import { conversationLeft, draftChanged, draftsLoaded, messageWritten } from '#client/live/facts.ts'
import { clientId, conv, NOON, otherConv } from '#testing/clientBuilders.ts'
import { composerReducer } from './composerSlice.ts'
import { composerVerdict } from './composerVerdict.ts'
import { faultWords } from './faultWords.ts'

const family = '👨‍👩‍👧‍👦'

describe('whether a text may be sent', () => {
  it.each([
    ['nothing', ''],
    ['blanks and line breaks', ' \n\t '],
  ])('%s is empty', (_, text) => {
    expect(composerVerdict(text)).toEqual({ name: 'empty' })
  })

  it.each([
    ['one character', 'a'],
    ['just below 90 %', 'a'.repeat(3_599)],
    ['many code units, few characters', family.repeat(400)],
  ])('%s is fine', (_, text) => {
    expect(composerVerdict(text)).toEqual({ name: 'ok' })
  })

  it.each([
    ['a'.repeat(3_600), 400],
    ['a'.repeat(4_000), 0],
    [`${'a'.repeat(3_999)}${family}`, 0],
  ])('near the limit it counts what is left', (text, left) => {
    expect(composerVerdict(text)).toEqual({ name: 'near', left })
  })

  it.each([
    ['a'.repeat(4_001), '1 character too long. Shorten it or send it in parts.'],
    ['a'.repeat(4_012), '12 characters too long. Shorten it or send it in parts.'],
    [family.repeat(1_500), 'About 15 % too long for one message. Shorten it or send it in parts.'],
  ])('beyond it says by how much, and the way out', (text, words) => {
    expect(composerVerdict(text)).toEqual({ name: 'over' })
    expect(faultWords(text)).toBe(words)
  })

  it.each([['a\0b'], ['a\ud800b']])('what is not text can’t be sent', (text) => {
    expect(composerVerdict(text).name).toBe('notText')
    expect(faultWords(text)).toMatch(/can’t be sent/)
  })
})

describe('drafts', () => {
  const typed = composerReducer(undefined, draftChanged({ conv, text: 'half a' }))

  it('are kept per conversation', () => {
    expect(composerReducer(typed, draftChanged({ conv: otherConv, text: 'other' })).drafts).toEqual({ [conv]: 'half a', [otherConv]: 'other' })
  })

  it('go when the text is emptied, the message is written or the conversation is gone', () => {
    for (const action of [
      draftChanged({ conv, text: '' }),
      messageWritten({ conv, clientId: clientId(1), body: 'half a', sentAt: NOON }),
      conversationLeft({ conv, name: 'Weekend', by: null, removed: true }),
    ]) {
      expect(composerReducer(typed, action).drafts).toEqual({})
    }
  })

  it('stay when a message turns up that a page wrote which is gone', () => {
    const found = messageWritten({ conv, clientId: clientId(1), body: 'left', sentAt: NOON, found: true })
    expect(composerReducer(typed, found).drafts).toEqual({ [conv]: 'half a' })
  })

  it('come from storage without overwriting what was typed since', () => {
    expect(composerReducer(typed, draftsLoaded({ drafts: { [conv]: 'old', [otherConv]: 'kept' } })).drafts).toEqual({
      [conv]: 'half a',
      [otherConv]: 'kept',
    })
  })
})

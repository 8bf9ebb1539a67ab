import { afterEach, describe, expect, it } from 'vitest'
import { codeSentences, forgottenWords, spokenCalls } from '#testing/spokenWords.ts'
import { fa } from './fa.ts'
import { plural, speak, t, type Catalogue } from './t.ts'

const calls = spokenCalls()
/** `t(sentenceFor(code))`: what is said as it comes. */
const isCode = ({ call }: { call: string }) => /^t\((sentenceFor|farewellSentence)\(/.test(call)
const english = new Set([...codeSentences(), ...calls.flatMap(({ words }) => words.at(-1) ?? [])])
const valuesIn = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([value]) => value).toSorted()

afterEach(() => speak(undefined))

describe('what the interface says', () => {
  it('stands in the code as it is said in English, whole', () => {
    expect(calls.length).toBeGreaterThan(600)
    expect(calls.filter((one) => one.words.includes(undefined) && !isCode(one)).map(({ file, call }) => `${file}: ${call}`)).toEqual([])
  })

  it('is nowhere else: what stands in an element as it is there is nobody’s language', () => {
    expect(forgottenWords().filter((one) => !/DebugPanel\.tsx|: "?Tidemark"?$/.test(one))).toEqual([])
  })

  it('is said when it is needed, not when its file is loaded: by then the language is known', () => {
    expect(calls.filter(({ isInFunction }) => !isInFunction).map(({ file, call }) => `${file}: ${call}`)).toEqual([])
  })
})

describe.each([['Persian', fa]])('%s', (_, { words }: Catalogue) => {
  it('has words for all of it, and for nothing else', () => {
    expect(english.size).toBeGreaterThan(500)
    expect(Object.keys(words).toSorted()).toEqual([...english].toSorted())
  })

  it('says all values, and no others', () => {
    for (const [key, translation] of Object.entries(words))
      for (const text of typeof translation === 'string' ? [translation] : Object.values(translation))
        expect(valuesIn(text), key).toEqual(valuesIn(key))
  })
})

describe('a sentence', () => {
  const polish: Catalogue = {
    language: 'pl',
    direction: 'ltr',
    words: {
      'Hello {name}': 'Cześć, {name}',
      '{n} messages': { one: '{n} wiadomość', few: '{n} wiadomości', many: '{n} wiadomości!', other: '{n} wiadomości?' },
      '{n} members': 'Osoby: {n}',
    },
  }

  it('is English where no other language was chosen', () => {
    expect([t('Hello {name}', { name: 'Ada' }), plural(1, '1 message', '{n} messages'), plural(1_000, '1 message', '{n} messages')]).toEqual([
      'Hello Ada',
      '1 message',
      '1000 messages',
    ])
  })

  it('is of the chosen language, with names that keep their own direction', () => {
    speak(polish)
    expect(t('Hello {name}', { name: 'Ada' })).toBe('Cześć, \u2068Ada\u2069')
  })

  it.each([
    [1, '1 wiadomość'],
    [2, '2 wiadomości'],
    [5, '5 wiadomości!'],
    [22, '22 wiadomości'],
    [12_345, '12 345 wiadomości!'],
  ])('about %i counts as the language does', (n, words) => {
    speak(polish)
    expect(plural(n, '1 message', '{n} messages').replace(/\s/g, ' ')).toBe(words)
  })

  it('says it in one way for all numbers where the language has one', () => {
    speak(polish)
    expect([1, 5].map((n) => plural(n, '1 member', '{n} members'))).toEqual(['Osoby: 1', 'Osoby: 5'])
  })

  it('stays English where there is no word for it', () => {
    speak(polish)
    expect([t('Something new'), plural(1, '1 new thing', '{n} new things')]).toEqual(['Something new', '1 new thing'])
  })

  it.each(['constructor', 'toString', '__proto__'])('called “%s” is no part of the catalogue', (name) => {
    speak(polish)
    expect(t(name)).toBe(name)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findLinks } from './linkFinder.ts'
import { textTokens as tokensOf, type TextToken } from './textTokens.ts'

const textTokens = (text: string) => tokensOf(text, findLinks)

const joined = (tokens: TextToken[]) => tokens.map((token) => ('open' in token ? token.open + token.text + token.close : token.text)).join('')

describe('what a message is made of', () => {
  it('keeps every character, whatever was typed', () => {
    const piece = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('`', '``', '```', '\n', ' ', 'https://a.b/c', '<b>', 'x@y.de', '```js\n'))
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => joined(textTokens(pieces.join(''))) === pieces.join('')))
  })

  it('finds links with and without a scheme, and addresses', () => {
    expect(textTokens('see https://a.example/x?y=1, tidemark.dev/pull/212 or me@example.org.')).toEqual([
      { kind: 'text', text: 'see ' },
      { kind: 'link', text: 'https://a.example/x?y=1', href: 'https://a.example/x?y=1' },
      { kind: 'text', text: ', ' },
      { kind: 'link', text: 'tidemark.dev/pull/212', href: 'https://tidemark.dev/pull/212' },
      { kind: 'text', text: ' or ' },
      { kind: 'link', text: 'me@example.org', href: 'mailto:me@example.org' },
      { kind: 'text', text: '.' },
    ])
  })

  it.each(['javascript:alert(1)', 'data:text/html,<b>x</b>', 'ftp://example.org/x', 'file:///etc/passwd', 'vbscript:x', '//example.org'])(
    'never links %s',
    (text) => {
      expect(textTokens(text).every((token) => token.kind !== 'link' || /^(https?|mailto):/.test(token.href))).toBe(true)
      expect(textTokens(text).some((token) => token.kind === 'link' && token.href.startsWith(text.slice(0, 5)))).toBe(false)
    },
  )

  it('tells code from words, and links nothing inside it', () => {
    expect(textTokens('run `npm test` now')).toEqual([
      { kind: 'text', text: 'run ' },
      { kind: 'code', open: '`', text: 'npm test', close: '`' },
      { kind: 'text', text: ' now' },
    ])
    expect(textTokens('so:\n```js\nfetch("https://a.example")\n```\ndone')).toEqual([
      { kind: 'text', text: 'so:\n' },
      { kind: 'block', open: '```js\n', text: 'fetch("https://a.example")', close: '\n```\n' },
      { kind: 'text', text: 'done' },
    ])
  })

  it('leaves lone back ticks alone', () => {
    expect(textTokens('a ` b')).toEqual([{ kind: 'text', text: 'a ` b' }])
  })

  it('does not search very long texts', () => {
    const long = 'https://a.example '.repeat(1000)
    expect(textTokens(long)).toEqual([{ kind: 'text', text: long }])
  })
})

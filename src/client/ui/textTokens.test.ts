import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spokenText, textTokens, type TextToken } from './textTokens.ts'

const joined = (tokens: TextToken[]): string =>
  tokens
    .map((token) => {
      if ('lines' in token) return token.lines.map((line) => line.open + joined(line.tokens) + line.close).join('')
      if ('tokens' in token) return token.open + joined(token.tokens) + token.close
      return 'open' in token ? token.open + token.text + token.close : token.text
    })
    .join('')

/** In short: marks as tags, hidden signs left out. */
const shown = (tokens: TextToken[]): string =>
  tokens
    .map((token) => {
      if ('lines' in token) return `<${token.kind}>${token.lines.map((line) => `<li>${shown(line.tokens)}`).join('')}</${token.kind}>`
      if ('tokens' in token) return `<${token.kind}>${shown(token.tokens)}</${token.kind}>`
      return token.kind === 'text' ? token.text : `<${token.kind}>${token.text}</${token.kind}>`
    })
    .join('')

describe('what a message is made of', () => {
  it('keeps every character, whatever was typed', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('*', '**', '_', '~', '~~', '> ', '- ', 'word', '`', '``', '```', '\n', ' ', 'https://a.b/c', '<b>', 'x@y.de', '```js\n'),
    )
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

  it.each([
    [
      '**bold** and *slanted* or _slanted_, ~~struck~~ or ~struck~',
      '<strong>bold</strong> and <em>slanted</em> or <em>slanted</em>, <s>struck</s> or <s>struck</s>',
    ],
    ['**bold and _both_**', '<strong>bold and <em>both</em></strong>'],
    ['(*so*), *that*.', '(<em>so</em>), <em>that</em>.'],
    ['*a **b** c*', '<em>a <strong>b</strong> c</em>'],
    ['**with `code` in it**', '**with <code>code</code> in it**'],
    ['see **https://a.example/x_y_z**', 'see <strong><link>https://a.example/x_y_z</link></strong>'],
  ])('sets apart what is marked: %s', (text, expected) => {
    expect(shown(textTokens(text))).toBe(expected)
  })

  it.each([
    '2 * 3 * 4',
    'snake_case_name',
    'a*b*c',
    '2 *not closed',
    '*not closed',
    '**',
    '****',
    '__init__.py',
    'one *two\nthree* four',
    '5 ~ 6 ~ 7',
    '*** so ***',
    ':-* and *-:',
  ])('leaves lone signs alone: %s', (text) => {
    expect(shown(textTokens(text))).toBe(text)
  })

  it('tells quotations and lists by how a line begins', () => {
    expect(shown(textTokens('so:\n> first\n> *second*\nand\n- one\n- two'))).toBe(
      'so:\n<blockquote><li>first<li><em>second</em></blockquote>and\n<ul><li>one<li>two</ul>',
    )
    expect(shown(textTokens('a > b\n-1 or - 1\n>:('))).toBe('a > b\n-1 or - 1\n>:(')
  })

  it('is done soon with a text of nothing but signs', () => {
    for (const sign of ['*', '_', '~', '**a', '*a ', '> ', '- ', '`', '~~_*']) {
      const text = sign.repeat(8_000 / sign.length)
      expect(joined(textTokens(text))).toBe(text)
    }
  })

  it('is heard in one line, without signs', () => {
    expect(spokenText('> **He** said:\n- _one_\n- `two`\n```js\nthree()\n```\nfour')).toBe('He said: one two three() four')
  })

  it('does not search very long texts', () => {
    const long = 'https://a.example '.repeat(1000)
    expect(textTokens(long)).toEqual([{ kind: 'text', text: long }])
  })
})

import type { FoundLink } from './linkFinder.ts'

export type TextToken =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  /** `open` and `close` are the back ticks (and line ends) around it: kept, so that joining all tokens gives the text exactly. */
  | { kind: 'code' | 'block'; open: string; text: string; close: string }

/** Beyond this nothing is searched for links or code: it is shown as it is. */
const SEARCHED_MAX = 8_000

/* a fence of three on its own line, or one to two back ticks around something that is not only space */
const CODE = /(^|\n)(```[\w+-]*\n)([\s\S]*?)(\n?```(?:\n|$))|(`{1,2})(?!`)([^\n`](?:[^\n]*?[^\n`])?)\5(?!`)/g

/** Splits a message into what is shown differently. Nothing is added, removed or changed: the tokens joined are the text. */
export function textTokens(text: string, findLinks: (text: string) => FoundLink[] = () => []): TextToken[] {
  if (text.length > SEARCHED_MAX) return [{ kind: 'text', text }]
  const tokens: TextToken[] = []
  const pushLinked = (words: string) => {
    let at = 0
    for (const { from, to, href } of words === '' ? [] : findLinks(words)) {
      if (from > at) tokens.push({ kind: 'text', text: words.slice(at, from) })
      tokens.push({ kind: 'link', text: words.slice(from, to), href })
      at = to
    }
    if (at < words.length) tokens.push({ kind: 'text', text: words.slice(at) })
  }

  let at = 0
  for (const found of text.matchAll(CODE)) {
    const [all, before = '', fence, block, blockEnd, tick, code] = found
    pushLinked(text.slice(at, found.index) + before)
    if (fence !== undefined) tokens.push({ kind: 'block', open: fence, text: block ?? '', close: blockEnd ?? '' })
    else tokens.push({ kind: 'code', open: tick ?? '', text: code ?? '', close: tick ?? '' })
    at = found.index + all.length
  }
  pushLinked(text.slice(at))
  return tokens
}

/** The text for those who listen and for previews: one line, without back ticks. */
export function spokenText(text: string): string {
  return textTokens(text)
    .map((token) => token.text)
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
}

import { LinkifyIt } from 'linkify-it'

export type TextToken =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  /** `open` and `close` are the back ticks (and line ends) around it: kept, so that joining all tokens gives the text exactly. */
  | { kind: 'code' | 'block'; open: string; text: string; close: string }

/** Beyond this nothing is searched for links or code: it is shown as it is. */
const SEARCHED_MAX = 8_000

const linkify = new LinkifyIt({ fuzzyLink: true }).add('ftp:', null).add('//', null)
/* linkify-it knows the classic domains and all two-letter ones; these are common in what people paste */
linkify.tlds(['app', 'chat', 'cloud', 'dev', 'page', 'xyz'], true)
const SAFE = /^(https?|mailto):/i
/* a fence of three on its own line, or one to two back ticks around something that is not only space */
const CODE = /(^|\n)(```[\w+-]*\n)([\s\S]*?)(\n?```(?:\n|$))|(`{1,2})(?!`)([^\n`](?:[^\n]*?[^\n`])?)\5(?!`)/g

/** Splits a message into what is shown differently. Nothing is added, removed or changed: the tokens joined are the text. */
export function textTokens(text: string): TextToken[] {
  if (text.length > SEARCHED_MAX) return [{ kind: 'text', text }]
  const tokens: TextToken[] = []
  let at = 0
  for (const found of text.matchAll(CODE)) {
    const [all, before = '', fence, block, blockEnd, tick, code] = found
    pushLinked(tokens, text.slice(at, found.index) + before)
    if (fence !== undefined) tokens.push({ kind: 'block', open: fence, text: block ?? '', close: blockEnd ?? '' })
    else tokens.push({ kind: 'code', open: tick ?? '', text: code ?? '', close: tick ?? '' })
    at = found.index + all.length
  }
  pushLinked(tokens, text.slice(at))
  return tokens
}

function pushLinked(tokens: TextToken[], text: string): void {
  if (text === '') return
  let at = 0
  for (const match of linkify.match(text) ?? []) {
    if (!SAFE.test(match.url)) continue
    if (match.index > at) tokens.push({ kind: 'text', text: text.slice(at, match.index) })
    tokens.push({ kind: 'link', text: text.slice(match.index, match.lastIndex), href: match.schema === '' ? match.url.replace(/^http:/, 'https:') : match.url })
    at = match.lastIndex
  }
  if (at < text.length) tokens.push({ kind: 'text', text: text.slice(at) })
}

/** The text for those who listen and for previews: one line, without back ticks. */
export function spokenText(text: string): string {
  return textTokens(text)
    .map((token) => token.text)
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
}

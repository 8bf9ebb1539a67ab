import { t } from '#client/words/t.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { findLinks, type FoundLink } from './linkFinder.ts'

/**
 * What of a message is shown differently. `open` and `close` are the signs around it as they were typed: kept, so that joining all tokens
 * gives the text exactly.
 */
export type TextToken =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'code' | 'block'; open: string; text: string; close: string }
  | { kind: Mark; open: string; tokens: TextToken[]; close: string }
  /** Lines of one quotation or one list. */
  | { kind: 'blockquote' | 'ul'; lines: { open: string; tokens: TextToken[]; close: string }[] }

export type Mark = 'strong' | 'em' | 's'

/** Beyond this nothing is searched for links, code or marks: it is shown as it is. */
const SEARCHED_MAX = 8_000

/* a fence of three on its own line */
const FENCE = /(^|\n)(```[\w+-]*\n)([\s\S]*?)(\n?```(?:\n|$))/g
/* one to two back ticks around something that is not only space */
const CODE = /(`{1,2})(?!`)([^\n`](?:[^\n]*?[^\n`])?)\1(?!`)/g
const LINE = /([^\n]*)(\n|$)/y
const LINE_SIGN = /^(>(?: |$)|[-*•] (?=\S))/
const MARK_SIGN = /\n|\*+|~+|_+/g
const MARKS: Record<string, Mark> = { '**': 'strong', '*': 'em', _: 'em', '~~': 's', '~': 's' }

/** Splits a message into what is shown differently. Nothing is added, removed or changed: the tokens joined are the text. */
export function textTokens(text: string): TextToken[] {
  if (text.length > SEARCHED_MAX) return [{ kind: 'text', text }]
  const tokens: TextToken[] = []
  let at = 0
  for (const found of text.matchAll(FENCE)) {
    const [all, before = '', open = '', block = '', close = ''] = found
    tokens.push(...linesIn(text.slice(at, found.index) + before), { kind: 'block', open, text: block, close })
    at = found.index + all.length
  }
  tokens.push(...linesIn(text.slice(at)))
  return tokens
}

/** Quotations and lists, line by line, and what stands between them. */
function linesIn(text: string): TextToken[] {
  const tokens: TextToken[] = []
  let plain = ''
  const flush = () => {
    if (plain !== '') tokens.push(...wordsIn(plain))
    plain = ''
  }
  LINE.lastIndex = 0
  while (LINE.lastIndex < text.length) {
    const [all, line = '', close = ''] = LINE.exec(text)!
    const open = LINE_SIGN.exec(line)?.[0]
    if (open === undefined) plain += all
    else {
      flush()
      const kind = open.startsWith('>') ? 'blockquote' : 'ul'
      const last = tokens.at(-1)
      const words = { open, tokens: wordsIn(line.slice(open.length)), close }
      if (last?.kind === kind) last.lines.push(words)
      else tokens.push({ kind, lines: [words] })
    }
  }
  flush()
  return tokens
}

/** Code, links and marks. */
function wordsIn(text: string): TextToken[] {
  const tokens: TextToken[] = []
  let at = 0
  for (const found of text.matchAll(CODE)) {
    const [all, tick = '', code = ''] = found
    tokens.push(...markedIn(text.slice(at, found.index)), { kind: 'code', open: tick, text: code, close: tick })
    at = found.index + all.length
  }
  tokens.push(...markedIn(text.slice(at)))
  return tokens
}

const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}]/u.test(char)
const isSpace = (char: string | undefined): boolean => char === undefined || /\s/.test(char)

/**
 * Words between two equal signs on one line, none of them inside a word or next to a space on the inner side; a sign in a link is a part of
 * the link. One pass: a text of nothing but signs takes no longer than another.
 */
function markedIn(text: string): TextToken[] {
  const links = text === '' ? [] : findLinks(text)
  type Frame = { sign: string; tokens: TextToken[] }
  const frames: Frame[] = [{ sign: '', tokens: [] }]
  let at = 0
  let nextLink = 0

  function push(token: TextToken): void {
    const { tokens } = frames.at(-1)!
    const last = tokens.at(-1)
    if (token.kind === 'text' && last?.kind === 'text') last.text += token.text
    else tokens.push(token)
  }
  function plainTo(end: number): void {
    if (end > at) push({ kind: 'text', text: text.slice(at, end) })
    at = Math.max(at, end)
  }
  /** Opened, and never closed: it stands for itself. */
  function giveUp(): void {
    const { sign, tokens } = frames.pop()!
    push({ kind: 'text', text: sign })
    for (const token of tokens) push(token)
  }
  function linksTo(end: number): void {
    for (; links[nextLink] && links[nextLink]!.from <= end; nextLink++) {
      const { from, to, href } = withoutSign(text, links[nextLink]!)
      plainTo(from)
      push({ kind: 'link', text: text.slice(from, to), href })
      at = to
    }
  }
  function lineEnds(end: number): void {
    linksTo(end)
    plainTo(end)
    while (frames.length > 1) giveUp()
  }

  for (const { 0: sign, index } of text.matchAll(MARK_SIGN)) {
    linksTo(index)
    if (index < at) continue
    if (sign === '\n') {
      lineEnds(index)
      continue
    }
    const kind = MARKS[sign]
    if (kind === undefined) continue
    const [before, after] = [text[index - 1], text[index + sign.length]]
    const opened = frames.findLastIndex((frame) => frame.sign === sign)
    const isEmpty = index === at && frames.length - 1 === opened && frames[opened]!.tokens.length === 0
    if (opened > 0 && !isEmpty && !isSpace(before) && !isWord(after)) {
      plainTo(index)
      while (frames.length - 1 > opened) giveUp()
      const { tokens } = frames.pop()!
      push({ kind, open: sign, tokens, close: sign })
      at = index + sign.length
    } else if (opened < 0 && !isSpace(after) && !isWord(before)) {
      plainTo(index)
      frames.push({ sign, tokens: [] })
      at = index + sign.length
    }
  }
  lineEnds(text.length)
  return frames[0]!.tokens
}

/** A sign right before a link is the pair of the one behind it, which could be a part of the address. */
function withoutSign(text: string, link: FoundLink): FoundLink {
  const sign = /[*_~]*$/.exec(text.slice(0, link.from))![0]
  if (sign === '' || !text.slice(link.from, link.to).endsWith(sign)) return link
  return { from: link.from, to: link.to - sign.length, href: link.href.slice(0, -sign.length) }
}

/** The text for those who listen and for previews: one line, without signs. */
export function spokenText(text: string): string {
  return spoken(textTokens(text)).replace(/\s+/g, ' ').trim()
}

/** The same of a message, which may be deleted. */
export const spokenMessage = ({ body, deletedAt, files }: Pick<ChatMessage, 'body' | 'deletedAt' | 'files'>): string =>
  deletedAt === undefined ? spokenText(body) || (files ?? []).map(({ name }) => name).join(', ') : t('Message deleted')

const spoken = (tokens: TextToken[]): string =>
  tokens
    .map((token) => {
      if ('lines' in token) return token.lines.map((line) => `${spoken(line.tokens)} `).join('')
      if ('tokens' in token) return spoken(token.tokens)
      return token.kind === 'block' ? ` ${token.text} ` : token.text
    })
    .join('')

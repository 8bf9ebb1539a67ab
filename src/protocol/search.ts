import * as z from 'zod/mini'
import { ConversationId, MessageId, Millis, UserId } from './ids.ts'
import { SEARCH_TEXT_MAX } from './limits.ts'
import { ChatMessage } from './message.ts'

/*
 * How messages are searched. Server and client take texts apart by the same function, so that a page without a connection finds among what
 * it keeps what the server would find there.
 */

/** Words that stand next to each other, in this order. `isOpen`: the last one may go on. */
export type Term = { words: readonly string[]; isOpen: boolean }

/** Scripts without blanks between words: every sign is a word, and several typed together are looked for side by side. */
const SIGN = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]\p{M}*`
/** One word in a text as it was typed. */
export const WORD = new RegExp(`${SIGN}|(?:(?!${SIGN})[\\p{L}\\p{M}\\p{N}])+`, 'gu')
/** Accents; in other scripts such marks are vowels. No lookbehind: of a long row of marks it would look at all, for each of them. */
const ACCENTED = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu
/** At the end of a word, and everywhere in old texts. */
const SIGMAS = /[ςϲ]/g
/** The marks of any keyboard: many put curved ones in by themselves. */
const PHRASE = /["“”„«»]([^"“”„«»]*)(["“”„«»]|$)|[^\s"“”„«»]+/g

/** The words of a text as they are compared: without case, accents, and the difference between forms of one letter (NFKD, UAX #15). */
export const wordsOf = (text: string): string[] => text.normalize('NFKD').toLowerCase().replace(ACCENTED, '$1').replace(SIGMAS, 'σ').match(WORD) ?? []

/**
 * What is looked for: all of these terms. What stands between quotation marks is one, and so is what is typed without a blank. The last word
 * of the text may be only begun, unless a blank or a quotation mark ends it.
 */
export function termsOf(text: string): Term[] {
  const terms: Term[] = []
  for (const found of text.matchAll(PHRASE)) {
    const words = wordsOf(found[1] ?? found[0])
    const isLast = found.index + found[0].length === text.length
    if (words.length > 0) terms.push({ words, isOpen: isLast && !found[2] && isLongEnough(words.at(-1)!) })
  }
  return terms
}

/** One letter begins too much. */
const isLongEnough = (word: string): boolean => word.length > 1

/** What of a message is searched: its words, and the names of its files. */
export const searchedText = ({ body, files = [] }: { body: string; files?: readonly { name: string }[] | undefined }): string =>
  [...(body === '' ? [] : [body]), ...files.map(({ name }) => name)].join('\n')

/** Does a term stand at this place among the words of a text? */
export const standsAt = (words: readonly string[], at: number, { words: wanted, isOpen }: Term): boolean =>
  wanted.every((word, n) => {
    const there = words[at + n]
    return there === word || (isOpen && n === wanted.length - 1 && there?.startsWith(word) === true)
  })

/** Does a text with these words hold every term? */
export const holds = (words: readonly string[], terms: readonly Term[]): boolean =>
  terms.every((term) => words.some((_, at) => standsAt(words, at, term)))

/** As it stands in an address. */
const Count = z.string().check(z.regex(/^\d{1,16}$/))

/** `?q=` and what narrows it. `until` is what the page before was answered with. */
export const SearchQuery = z
  .object({
    /** Not without a word in it, unless all that have files are looked for. */
    q: z.string().check(z.maxLength(SEARCH_TEXT_MAX)),
    has: z.optional(z.literal('file')),
    in: z.optional(ConversationId),
    from: z.optional(UserId),
    /** Stored at or after this moment … */
    after: z.optional(z.pipe(Count, z.pipe(z.transform(Number), Millis))),
    /** … and before this one. */
    before: z.optional(z.pipe(Count, z.pipe(z.transform(Number), Millis))),
    until: z.optional(MessageId),
  })
  .check(z.refine(({ q, has }) => has === 'file' || termsOf(q).length > 0))
export type SearchQuery = z.infer<typeof SearchQuery>

export const SearchAnswer = z.object({
  /** The newest first. */
  messages: z.array(ChatMessage),
  /** There may be older ones: ask again with this as `until`. */
  until: z.nullable(MessageId),
})
export type SearchAnswer = z.infer<typeof SearchAnswer>

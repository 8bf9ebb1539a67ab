import type { UserId } from '#protocol/ids.ts'

/** Somebody who can be mentioned. */
export type Mentionable = { id: UserId; name: string }
/** Where somebody is mentioned in a text, the @ included. */
export type Mention = { from: number; to: number; user: UserId }

const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/**
 * Who is mentioned in a text: an @ and a whole name behind it, whatever the case, of several that fit the longest. An @ inside a word is
 * part of an address. Derived from the words alone, so it needs no connection; it is of the names that people have now.
 */
export function mentionsIn(text: string, people: readonly Mentionable[]): Mention[] {
  const mentions: Mention[] = []
  const longestFirst = people.toSorted((a, b) => b.name.length - a.name.length)
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (isWord(text[at - 1])) continue
    const person = longestFirst.find(({ name }) => same(text.slice(at + 1, at + 1 + name.length), name) && !isWord(text[at + 1 + name.length]))
    if (!person) continue
    const to = at + 1 + person.name.length
    mentions.push({ from: at, to, user: person.id })
    at = to - 1
  }
  return mentions
}

/** No name that is being typed is longer than that. */
const BEGUN_MAX = 40

/** What is being typed behind an @ at the caret, and where that @ stands; undefined elsewhere. */
export function begunMention(text: string, caret: number): { from: number; begun: string } | undefined {
  const before = text.slice(0, caret)
  const from = before.lastIndexOf('@')
  if (from < 0 || isWord(before[from - 1])) return undefined
  const begun = before.slice(from + 1)
  return begun.length > BEGUN_MAX || /^\s|\n|\s\s/.test(begun) ? undefined : { from, begun }
}

/** Those whose name, or a word of it, begins like this; whose whole name does comes first. */
export function fitting<Person extends Mentionable>(people: readonly Person[], begun: string): Person[] {
  const wanted = begun.toLowerCase()
  const begins = ({ name }: Mentionable) => name.toLowerCase().startsWith(wanted)
  const within = ({ name }: Mentionable) =>
    name
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(wanted))
  return [...people.filter(begins), ...people.filter((person) => !begins(person) && within(person))]
}

import { standsAt, termsOf, WORD, wordsOf } from '#protocol/search.ts'

/** A piece of a text; `isFound`: it is what was looked for. All pieces joined are the text. */
export type Piece = { text: string; isFound: boolean }

/** What stands before the first word that was found, in characters, and how long an excerpt is. */
const LEAD = 40
const LENGTH = 240

/** A text as pieces, with the words that a search was for: as they stand side by side where several were typed as one. */
export function piecesOf(text: string, query: string): Piece[] {
  const places = [...text.matchAll(WORD)].flatMap(({ 0: typed, index }) =>
    wordsOf(typed).map((word) => ({ word, from: index, to: index + typed.length })),
  )
  const words = places.map(({ word }) => word)
  const found = termsOf(query)
    .flatMap((term) => places.flatMap(({ from }, at) => (standsAt(words, at, term) ? [{ from, to: places[at + term.words.length - 1]!.to }] : [])))
    .sort((a, b) => a.from - b.from)
  const pieces: Piece[] = []
  const add = (from: number, to: number, isFound: boolean) => {
    if (from < to) pieces.push({ text: text.slice(from, to), isFound })
  }
  let done = 0
  for (const { from, to } of found) {
    add(done, from, false)
    add(Math.max(from, done), to, true)
    done = Math.max(done, to)
  }
  add(done, text.length, false)
  return pieces
}

/** So much of a long text as fits into a few lines, from shortly before the first word that was found, on one line. */
export function excerpt(text: string, query: string): Piece[] {
  const pieces = piecesOf(text, query)
  const first = pieces.findIndex(({ isFound }) => isFound)
  const before = pieces[first - 1]?.text ?? ''
  const isCut = text.length > LENGTH && before.length > LEAD
  const from = isCut ? wordStart(before, before.length - LEAD) : 0
  const shown = [
    ...(isCut ? [{ text: `…${before.slice(from)}`, isFound: false }] : pieces.slice(0, Math.max(0, first))),
    ...pieces.slice(Math.max(0, first)),
  ]
  const short: Piece[] = []
  let room = LENGTH
  for (const piece of shown) {
    if (room <= 0) break
    const isTooLong = piece.text.length > room
    short.push({ ...piece, text: isTooLong ? `${piece.text.slice(0, room).replace(/\p{L}\p{M}*$|[\uD800-\uDBFF]$/u, '')}…` : piece.text })
    room -= piece.text.length
  }
  return short.map((piece) => ({ ...piece, text: piece.text.replace(/\s+/g, ' ') }))
}

/** The beginning of the word that stands at a place. */
const wordStart = (text: string, at: number): number => {
  const blank = text.slice(at).search(/\s/)
  if (blank >= 0) return at + blank + 1
  return /[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at + 1 : at
}

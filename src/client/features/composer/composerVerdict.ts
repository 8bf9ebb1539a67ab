import { BODY_MAX_BYTES, BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'
import { bodyFault, graphemeCount, utf8Bytes } from '#protocol/message.ts'

/** From this share of the limit on, the composer counts down. */
const NEAR = 0.9

/** Whether a text may be sent as it stands. `left` is in characters as a person counts them; `words` say what is wrong and the way out. */
export type ComposerVerdict =
  | { name: 'empty' }
  | { name: 'ok' }
  | { name: 'near'; left: number }
  | { name: 'over'; words: string }
  | { name: 'notText'; words: string }

export function composerVerdict(text: string): ComposerVerdict {
  const fault = bodyFault(text)
  if (fault === 'empty') return { name: 'empty' }
  if (fault === 'notText') return { name: 'notText', words: 'This text holds characters that can’t be sent. Delete what was pasted last and type it instead.' }
  if (fault === 'tooLong') return { name: 'over', words: overWords(text) }
  // No text has more characters than code units, so a short one needs no counting.
  const left = text.length < BODY_MAX_GRAPHEMES * NEAR ? Infinity : BODY_MAX_GRAPHEMES - graphemeCount(text)
  return left <= BODY_MAX_GRAPHEMES * (1 - NEAR) ? { name: 'near', left } : { name: 'ok' }
}

function overWords(text: string): string {
  const over = graphemeCount(text) - BODY_MAX_GRAPHEMES
  if (over > 0) return `${over} ${over === 1 ? 'character' : 'characters'} too long. Shorten it or send it in parts.`
  const share = Math.ceil((utf8Bytes(text) / BODY_MAX_BYTES - 1) * 100)
  return `About ${share} % too long for one message. Shorten it or send it in parts.`
}

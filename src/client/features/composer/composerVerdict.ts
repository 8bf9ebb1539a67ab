import { BODY_MAX_BYTES, BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'
import { bodyFault, graphemeCount, utf8Bytes } from '#protocol/message.ts'

/** The composer counts down over the last tenth of the limit. */
const NEAR_LEFT = BODY_MAX_GRAPHEMES / 10

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
  if (fault === 'notText')
    return { name: 'notText', words: 'This text holds characters that can’t be sent. Delete what was pasted last and type it instead.' }
  if (fault === 'tooLong') return { name: 'over', words: overWords(text) }
  // No text has more characters than code units, so a short one needs no counting.
  const left = BODY_MAX_GRAPHEMES - (text.length < BODY_MAX_GRAPHEMES - NEAR_LEFT ? 0 : graphemeCount(text))
  return left <= NEAR_LEFT ? { name: 'near', left } : { name: 'ok' }
}

function overWords(text: string): string {
  const over = graphemeCount(text) - BODY_MAX_GRAPHEMES
  if (over > 0) return `${over} ${over === 1 ? 'character' : 'characters'} too long. Shorten it or send it in parts.`
  const share = Math.ceil((utf8Bytes(text) / BODY_MAX_BYTES - 1) * 100)
  return `About ${share} % too long for one message. Shorten it or send it in parts.`
}

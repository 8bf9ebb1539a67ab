import { plural, t } from '#client/words/t.ts'
import { BODY_MAX_BYTES, BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'
import { bodyFault, graphemeCount, utf8Bytes } from '#protocol/message.ts'

/** Why a text can't be sent as it stands, and the way out; null where it can, or is empty. */
export function faultWords(text: string): string | null {
  const fault = bodyFault(text)
  if (fault === 'notText') return t('This text holds characters that can’t be sent. Delete what was pasted last and type it instead.')
  return fault === 'tooLong' ? overWords(text) : null
}

function overWords(text: string): string {
  const over = graphemeCount(text) - BODY_MAX_GRAPHEMES
  if (over > 0)
    return plural(over, '1 character too long. Shorten it or send it in parts.', '{n} characters too long. Shorten it or send it in parts.')
  const share = Math.ceil((utf8Bytes(text) / BODY_MAX_BYTES - 1) * 100)
  return t('About {share} % too long for one message. Shorten it or send it in parts.', { share })
}

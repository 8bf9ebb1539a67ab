import { t } from '#client/words/t.ts'
import type { RefusalCode } from '#protocol/codes.ts'
import { sentenceFor } from '#protocol/sentences.ts'

/** Why a message was not sent, to stand behind "Not sent". */
export function reasonWords(code: RefusalCode): string {
  const sentence = t(sentenceFor(code))
  return `: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
}

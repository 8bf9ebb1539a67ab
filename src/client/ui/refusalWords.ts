import { t } from '#client/words/t.ts'
import type { Refusal } from '#protocol/reply.ts'
import { sentenceFor } from '#protocol/sentences.ts'
import { spanInWords } from './spans.ts'

/** Why something a person asked for could not be done, with a way out. */
export function refusalWords({ code, retryAfterMs = 0 }: Pick<Refusal, 'code' | 'retryAfterMs'>): string {
  switch (code) {
    case 'E_TIMEOUT':
      return t("The server can't be reached. Check your connection and try again.")
    case 'E_RATE':
      return retryAfterMs > 5_000
        ? t('That was a lot at once. Try again in {span}.', { span: spanInWords(retryAfterMs) })
        : t('That was a lot at once. Wait a moment and try again.')
    case 'E_BUSY':
    case 'E_INTERNAL':
    case 'E_STORAGE':
      return t('The server could not do this just now. Try again in a moment.')
    default:
      return t(sentenceFor(code))
  }
}

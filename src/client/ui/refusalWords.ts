import type { Refusal } from '#protocol/reply.ts'
import { sentenceFor } from '#protocol/sentences.ts'
import { spanInWords } from './spans.ts'

/** Why something a person asked for could not be done, with a way out. */
export function refusalWords({ code, retryAfterMs = 0 }: Pick<Refusal, 'code' | 'retryAfterMs'>): string {
  switch (code) {
    case 'E_TIMEOUT':
      return "The server can't be reached. Check your connection and try again."
    case 'E_RATE':
      return `That was a lot at once. ${retryAfterMs > 5_000 ? `Try again in ${spanInWords(retryAfterMs)}` : 'Wait a moment and try again'}.`
    case 'E_BUSY':
    case 'E_INTERNAL':
    case 'E_STORAGE':
      return 'The server could not do this just now. Try again in a moment.'
    default:
      return sentenceFor(code)
  }
}

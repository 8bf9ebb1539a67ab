import type { Code } from '#protocol/codes.ts'
import { sentenceFor } from '#protocol/sentences.ts'

/** Why something a person asked for could not be done, with a way out. */
export function refusalWords(code: Code): string {
  switch (code) {
    case 'E_TIMEOUT':
      return "The server can't be reached. Check your connection and try again."
    case 'E_RATE':
      return 'That was a lot at once. Wait a moment and try again.'
    case 'E_BUSY':
    case 'E_INTERNAL':
    case 'E_STORAGE':
      return 'The server could not do this just now. Try again in a moment.'
    default:
      return sentenceFor(code)
  }
}

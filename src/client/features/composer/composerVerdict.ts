import { BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'
import { bodyFault, graphemeCount } from '#protocol/message.ts'

/** The composer counts down over the last tenth of the limit. */
const NEAR_LEFT = BODY_MAX_GRAPHEMES / 10

/** Whether a text may be sent as it stands; `faultWords` says why not. `left` is in characters as a person counts them. */
export type ComposerVerdict = { name: 'empty' | 'ok' | 'over' | 'notText' } | { name: 'near'; left: number }

export function composerVerdict(text: string): ComposerVerdict {
  const fault = bodyFault(text)
  if (fault) return { name: fault === 'tooLong' ? 'over' : fault }
  // No text has more characters than code units, so a short one needs no counting.
  const left = BODY_MAX_GRAPHEMES - (text.length < BODY_MAX_GRAPHEMES - NEAR_LEFT ? 0 : graphemeCount(text))
  return left <= NEAR_LEFT ? { name: 'near', left } : { name: 'ok' }
}

export const isFaulty = ({ name }: ComposerVerdict): boolean => name === 'over' || name === 'notText'

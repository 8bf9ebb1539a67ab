import { useState } from 'react'
import type { Refusal } from '#protocol/reply.ts'
import { refusalWords } from './refusalWords.ts'

type Step = { name: 'ready' } | { name: 'asking' } | { name: 'refused'; words: string }

/**
 * What a form asks of the server: one thing at a time, and when it was refused the words of why. `wordsFor` says what only this form knows.
 */
export function useWish(wordsFor: (refused: Refusal) => string = refusalWords) {
  const [step, setStep] = useState<Step>({ name: 'ready' })
  return {
    isAsking: step.name === 'asking',
    fault: step.name === 'refused' ? step.words : undefined,
    /** The answer when it was granted; undefined when it was not, or when something else is being asked for. */
    ask: async <Granted extends { ok: true }>(wish: () => Promise<Granted | Refusal>): Promise<Granted | undefined> => {
      if (step.name === 'asking') return undefined
      setStep({ name: 'asking' })
      const reply = await wish()
      setStep(reply.ok ? { name: 'ready' } : { name: 'refused', words: wordsFor(reply) })
      return reply.ok ? reply : undefined
    },
    refuse: (words: string) => setStep({ name: 'refused', words }),
    forget: () => setStep({ name: 'ready' }),
  }
}

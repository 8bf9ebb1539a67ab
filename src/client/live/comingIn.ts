import type { Refusal } from '#protocol/reply.ts'
import { SessionAnswer } from '#protocol/session.ts'
import { alone } from './alone.ts'
import type { Entered, Way, WaysIn } from './client.ts'
import { noteFormer } from './formerWords.ts'
import { attempt } from './leftBehind.ts'
import { read, refusalFrom, type Hall } from './session.ts'

/**
 * Comes in by one of the ways. Of all tabs that would make a new guest at once one does, and the others show the same person: tabs of one
 * browser are one.
 */
export async function comeIn<W extends Way>(hall: Hall, way: W, given: WaysIn[W]): Promise<Entered> {
  const asked = 'show' in given ? await shown(hall, given) : { ok: true as const, body: given }
  if (!asked.ok) return asked
  const end = await alone('tidemark:coming-in', hall.parts)
  try {
    const before = hall.known()
    const isElsewhere = before !== undefined && before.id !== hall.shown()
    const user = way === 'guest' && isElsewhere ? await hall.takeOver() : undefined
    if (user) return { ok: true, user }
    const response = await hall.send(`/api/session/${way}`, asked.body)
    const answer = read(response, SessionAnswer)
    if (!answer) return { ...refusalFrom(response), answer: response?.body }
    if (before?.isGuest === true && before.id !== answer.user.id) attempt(() => noteFormer(hall.parts.memory.local, before))
    hall.entered(answer)
    return { ok: true, user: answer.user }
  } finally {
    end()
  }
}

/** The time that a person takes to find their key keeps no other tab waiting. */
async function shown(hall: Hall, { show, ...more }: WaysIn['passkey']): Promise<{ ok: true; body: object } | Refusal> {
  const response = await hall.send('/api/session/passkey/options', {})
  if (response?.status !== 200) return refusalFrom(response)
  const passkey = await show(response.body)
  return passkey ? { ok: true, body: { ...more, shown: passkey } } : { ok: false, code: 'E_CREDENTIALS' }
}

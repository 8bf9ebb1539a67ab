import { SessionAnswer } from '#protocol/session.ts'
import type { Entered, Way, WaysIn } from './client.ts'
import { noteFormer } from './formerWords.ts'
import { attempt } from './leftBehind.ts'
import { read, refusalFrom, type Hall } from './session.ts'

/**
 * Comes in by one of the ways. Of all tabs that would make a new guest at once one does, and the others show the same person: tabs of one
 * browser are one.
 */
export async function comeIn<W extends Way>(hall: Hall, way: W, given: WaysIn[W]): Promise<Entered> {
  const end = await alone(hall)
  try {
    const before = hall.known()
    const isElsewhere = before !== undefined && before.id !== hall.shown()
    const user = way === 'guest' && isElsewhere ? await hall.takeOver() : undefined
    if (user) return { ok: true, user }
    const response = await hall.send(`/api/session/${way}`, given)
    const answer = read(response, SessionAnswer)
    if (!answer) return { ...refusalFrom(response), answer: response?.body }
    if (before?.isGuest === true && before.id !== answer.user.id) attempt(() => noteFormer(hall.local(), before))
    hall.entered(answer)
    return { ok: true, user: answer.user }
  } finally {
    end()
  }
}

/** Resolves with the end of it. A tab that is frozen while it comes in keeps its lock: nobody waits for it longer than for an answer. */
function alone({ locks, clock, patienceMs }: Hall): Promise<() => void> {
  if (!locks) return Promise.resolve(() => {})
  return new Promise((resolve) => {
    const end = () => {
      stop()
      release()
    }
    const release = locks.hold('tidemark:coming-in', { taken: () => resolve(end), stolen: () => {} })
    const stop = clock.after(patienceMs, () => resolve(end))
  })
}

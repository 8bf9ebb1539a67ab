import { useLayoutEffect, useRef } from 'react'
import type { Client } from '#client/live/client.ts'
import type { Me } from '#protocol/session.ts'

type Tie = { client: Client; id: Me['id']; close: () => void; isWanted: boolean }

/**
 * Holds the one live tie of this tab while a person is signed in: opened before anything inside speaks, closed on sign-out, on another
 * person, and when the page lets go of it. A new name of the same person changes nothing.
 */
export function useLiveSession(client: Client, me: Me): void {
  const person = useRef(me)
  useLayoutEffect(() => {
    person.current = me
  })
  const held = useRef<Tie | null>(null)
  // a layout effect, because effects run from the inside out: the conversation within says that it is open, and must be heard
  useLayoutEffect(() => {
    const before = held.current
    if (before?.client !== client || before.id !== me.id) {
      before?.close()
      held.current = { client, id: me.id, close: client.open(person.current), isWanted: true }
    }
    const tie = held.current!
    tie.isWanted = true
    return () => {
      tie.isWanted = false
      // StrictMode and an edit under development undo this effect and do it again at once: the tie outlives that
      queueMicrotask(() => {
        if (tie.isWanted || held.current !== tie) return
        held.current = null
        tie.close()
      })
    }
  }, [client, me.id])
}

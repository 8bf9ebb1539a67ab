import { useLayoutEffect, useRef } from 'react'
import type { Client } from '#client/live/client.ts'
import type { Me } from '#protocol/session.ts'

/**
 * Holds the one live tie of this tab while a person is signed in: opened before anything inside speaks, closed on sign-out, on another
 * person, and when the page lets go of it. A new name of the same person changes nothing.
 */
export function useLiveSession(client: Client, me: Me): void {
  const person = useRef(me)
  useLayoutEffect(() => {
    person.current = me
  })
  const close = useRef<(() => void) | null>(null)
  // a layout effect, because effects run from the inside out: the conversation within says that it is open, and must be heard
  useLayoutEffect(() => {
    // StrictMode and hot reload run this twice: never two ties at once
    close.current?.()
    close.current = client.open(person.current)
    return () => {
      close.current?.()
      close.current = null
    }
  }, [client, me.id])
}

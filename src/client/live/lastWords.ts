import type { Action } from '@reduxjs/toolkit'
import * as z from 'zod/mini'
import type { ClientId } from '#protocol/ids.ts'
import type { Intents } from './client.ts'
import {
  conversationReset,
  discardRequested,
  messageSaved,
  messageStored,
  messageWritten,
  messagesArrived,
  outboxRowRemoved,
  sendRefused,
  sendStarted,
  unsentEdited,
  type WrittenMessage,
} from './facts.ts'
import { openLeftBehind, type Local } from './leftBehind.ts'
import { Written } from './storage.ts'

/** `n`: its place among what its page left. */
const LastWords = z.object({ ...Written.shape, n: z.optional(z.number()) })

/**
 * A page may be reloaded a moment after Enter, before any transaction is complete, and a browser ends transactions with their page. What
 * is not kept by then is left where a page can write without waiting, and written anew by the next page and by those that are open, with the
 * same ids: if it did arrive, the server knows it.
 */
export function openLastWords(parts: { local: () => Local; key: string; intents: Intents; dispatch: (action: Action) => void }): {
  take: () => void
  leave: () => void
  close: () => void
} {
  const { intents, dispatch } = parts
  const left = openLeftBehind<WrittenMessage & { n?: number }>(parts.local, parts.key, LastWords, ({ clientId }) => clientId)
  /** Written here, and not known to be kept or sent. */
  const unkept = new Map<ClientId, WrittenMessage>()

  /** Lying there and unkept: found by this page, or left by it before it was kept aside and came back. */
  const lying = new Set<ClientId>()
  /** What is done to these follows as a change of its own: under these ids the server knows no other words. */
  const onTheirWay = new Set<ClientId>()

  function isSafe(clientId: ClientId): void {
    unkept.delete(clientId)
    onTheirWay.delete(clientId)
    if (lying.delete(clientId)) left.remove(clientId)
  }

  function leave(): void {
    let n = 0
    for (const [clientId, words] of unkept) {
      lying.add(clientId)
      left.put({ ...words, n: n++ })
    }
  }

  function edited(clientId: ClientId, body: string): void {
    const words = unkept.get(clientId)
    if (!words || onTheirWay.has(clientId)) return
    unkept.set(clientId, { ...words, body })
    if (lying.has(clientId)) leave()
  }

  const stop = intents.subscribe((action) => {
    if (messageWritten.match(action)) unkept.set(action.payload.clientId, action.payload)
    else if (unkept.size === 0) return
    else if (unsentEdited.match(action)) edited(action.payload.clientId, action.payload.body)
    else if (sendStarted.match(action)) action.payload.clientIds.forEach((clientId) => unkept.has(clientId) && onTheirWay.add(clientId))
    else if (sendRefused.match(action)) onTheirWay.delete(action.payload.clientId)
    else if (messagesArrived.match(action)) {
      for (const event of action.payload.events) if (event.kind === 'new') isSafe(event.message.clientId)
    } else if (conversationReset.match(action)) for (const { clientId } of action.payload.messages) isSafe(clientId)
    else if (messageSaved.match(action) || messageStored.match(action) || outboxRowRemoved.match(action) || discardRequested.match(action))
      isSafe(action.payload.clientId)
  })

  function take(): void {
    for (const { n: _, ...words } of left.read().sort((a, b) => (a.n ?? 0) - (b.n ?? 0))) {
      if (lying.has(words.clientId) || unkept.has(words.clientId)) continue
      lying.add(words.clientId)
      dispatch(messageWritten({ ...words, found: true }))
    }
  }
  take()

  return {
    /** Another page of this browser has left words just now: nobody may come after it. */
    take,
    /** The page goes away now, perhaps to come back as it is. */
    leave,
    close: stop,
  }
}

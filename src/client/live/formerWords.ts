import type { Dispatch } from '@reduxjs/toolkit'
import * as z from 'zod/mini'
import { UserId } from '#protocol/ids.ts'
import { openBrowserDb } from './browserDb.ts'
import { browserClock, browserRandom, type Memory } from './browserPorts.ts'
import type { Former, FormerWords, Intents } from './client.ts'
import { isUnsent } from './outboxRow.ts'
import type { Local } from './leftBehind.ts'
import { hasUploads } from './browserUploads.ts'
import { openStorage, type Storage } from './storage.ts'
import { LEAVES, sweep } from './sweeping.ts'
import { messageSaved, messageWritten, type WrittenMessage } from './facts.ts'

/** Guests this browser was before, whose session is gone. Nobody can sign in as them again. */
const FORMER = 'tidemark:former'
const Guests = z.array(z.object({ id: UserId, name: z.string() }))
type Guest = z.infer<typeof Guests>[number]

/** Remembers that this guest is nobody's name any more. */
export function noteFormer(local: Local, { id, name }: Guest): void {
  local.setItem(FORMER, JSON.stringify([...guestsIn(local).filter((guest) => guest.id !== id), { id, name }]))
}

function guestsIn(local: Local): Guest[] {
  try {
    return Guests.parse(JSON.parse(local.getItem(FORMER) ?? '[]'))
  } catch {
    return []
  }
}

type FormerParts = {
  local: Local
  /** Writes it as the present person does, under the same id; resolves true once all of it is kept, false when it can't be. */
  write: (words: WrittenMessage[]) => Promise<boolean>
}

/** A slow storage takes less; one that takes nothing is found out by then. */
const KEPT_WITHIN_MS = 5_000

type PageParts = { memory: Memory; dispatch: Dispatch; intents: Intents; isKept: () => Promise<boolean> }

/** In the page: whoever is signed in writes. */
export const formerWordsOf = (parts: PageParts): FormerWords => openFormerWords({ local: parts.memory.local, write: writeAndKeep(parts) })

/** Writes words in the name of whoever is signed in, and waits until the storage has them. */
function writeAndKeep(parts: PageParts) {
  return async (words: WrittenMessage[]): Promise<boolean> => {
    const owed = new Set(words.map(({ clientId }) => clientId))
    await new Promise<void>((resolve) => {
      if (owed.size === 0) return resolve()
      const end = () => {
        stop()
        stopWaiting()
        resolve()
      }
      const stopWaiting = browserClock.after(KEPT_WITHIN_MS, end)
      const stop = parts.intents.subscribe((action) => {
        if (messageSaved.match(action) && owed.delete(action.payload.clientId) && owed.size === 0) end()
      })
      for (const one of words) parts.dispatch(messageWritten({ ...one, found: true }))
    })
    return parts.isKept()
  }
}

/**
 * What this browser wrote as guests it is no longer, and never sent. It waits for a word of the person: nothing goes out under another name
 * unasked. What went out once may have arrived: it is shown, and never sent again.
 */
export function openFormerWords({ local, write }: FormerParts): FormerWords {
  const using = async <T>(id: string, work: (storage: Storage) => Promise<T>): Promise<T> => {
    const db = openBrowserDb(`tidemark:${id}`, () => {})
    try {
      return await work(openStorage(db, browserRandom))
    } finally {
      db.close()
    }
  }
  const rowsOf = async (storage: Storage) => {
    const { rows } = await storage.outbox()
    return rows.filter((row) => row.again === undefined && (isUnsent(row.state) || row.state.name === 'refused'))
  }
  const forget = async (id: string) => {
    local.setItem(FORMER, JSON.stringify(guestsIn(local).filter((guest) => guest.id !== id)))
    local.setItem(LEAVES + id, 'nothing')
    await sweep(local, id)
  }
  return {
    read: async () => {
      const found: Former[] = []
      for (const { id, name } of guestsIn(local)) {
        const rows = await using(id, rowsOf)
        const words = rows.map(({ conv, clientId, body, state }) => ({ conv, clientId, body, mayHaveArrived: state.name === 'sending' }))
        if (words.length > 0) found.push({ user: id, name, words })
        // files are nowhere else: they stay for when that guest is back
        else if (!(await hasUploads(id))) await forget(id)
      }
      return found
    },
    send: async (user) => {
      await using(user, async (storage) => {
        const rows = (await rowsOf(storage)).filter((row) => row.state.name !== 'sending')
        const words = rows.map(({ conv, clientId, body, sentAt, replyTo, files }) => ({
          conv,
          clientId,
          sentAt,
          // its files are somebody else's by now
          body: body || (files ?? []).map(({ name }) => name).join('\n'),
          ...(replyTo && { replyTo }),
        }))
        // Whoever is interrupted here finds them in both places. They have the same ids: nobody can send them twice under one name.
        if (await write(words)) await storage.removeOutbox(words.map(({ clientId }) => clientId))
      })
    },
    forget,
  }
}

import type { ClientId, ConversationId } from '#protocol/ids.ts'
import type { Intents } from './client.ts'
import { messageSaved, messageWritten } from './facts.ts'
import { openLeftBehind, type Local } from './leftBehind.ts'
import { isNothing } from './draft.ts'
import { draftOf, StoredDraft, type Storage } from './storage.ts'

const nameOf = ({ tab, conv }: StoredDraft) => `${tab}:${conv}`

/**
 * What is typed and not known to be kept when a page goes away is left to the next one, which keeps it as a draft of the tab in which it
 * was typed, unless a later one of that tab is kept. Wants to be opened before the drafts are read.
 */
export function openLastDrafts(parts: {
  local: () => Local
  key: string
  tab: string
  storage: Pick<Storage, 'keepDraft' | 'isShared'>
  intents: Intents
}): { keep: Storage['keepDraft']; leave: () => void; close: () => void } {
  const { tab, storage } = parts
  const left = openLeftBehind<StoredDraft>(parts.local, parts.key, StoredDraft, nameOf)
  /** What stands in this tab's composers and may not be kept. Nothing where a message was written from it: it goes with the row of that. */
  const unkept = new Map<ConversationId, StoredDraft>()
  const sent = new Map<ClientId, StoredDraft>()
  let latest = 0

  /** In the order in which things were done here, though the clock may be set back in between. */
  const inOrder = (at: number) => (latest = Math.max(latest + 1, at))

  const lying = (draft: StoredDraft) => left.read().find((other) => nameOf(other) === nameOf(draft))

  function isKept(draft: StoredDraft): void {
    if (unkept.get(draft.conv) === draft) unkept.delete(draft.conv)
    const other = lying(draft)
    if (other && other.at <= draft.at) left.remove(nameOf(draft))
  }

  function inherit(draft: StoredDraft): void {
    if (storage.isShared() || isNothing(draftOf(draft))) return isKept(draft)
    // Nobody else keeps it: it goes on lying there, as this tab's.
    const other = lying(draft)
    if (!other) return
    left.remove(nameOf(draft))
    const own = { ...other, tab }
    if ((lying(own)?.at ?? 0) <= own.at) left.put(own)
  }

  const stop = parts.intents.subscribe((action) => {
    if (messageWritten.match(action) && !action.payload.found) {
      const { conv, clientId, sentAt } = action.payload
      const nothing = { tab, conv, text: '', at: inOrder(sentAt) }
      unkept.set(conv, nothing)
      sent.set(clientId, nothing)
    } else if (messageSaved.match(action)) {
      const nothing = sent.get(action.payload.clientId)
      sent.delete(action.payload.clientId)
      if (nothing) isKept(nothing)
    }
  })

  for (const draft of left.read()) {
    storage.keepDraft(draft.conv, draftOf(draft), draft.at, draft.tab).then(
      () => inherit(draft),
      // It lies there for the next page.
      () => {},
    )
  }

  return {
    /** The storage's own, watched. */
    keep: async (conv, change, at) => {
      const draft = { ...change, tab, conv, at: inOrder(at) }
      unkept.set(conv, draft)
      await storage.keepDraft(conv, change, draft.at)
      if (storage.isShared()) isKept(draft)
    },
    /** The page goes away now, perhaps to come back as it is. */
    leave: () => unkept.forEach(left.put),
    close: stop,
  }
}

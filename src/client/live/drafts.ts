import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { Action } from '@reduxjs/toolkit'
import type { ConversationId } from '#protocol/ids.ts'
import { draftsReducer } from './draft.ts'
import { conversationLeft, draftsLoaded, filesKept, filesWritten, messageSaved, messageWritten, type Draft, type Drafts } from './facts.ts'
import type { Clock } from './ports.ts'
import type { Storage } from './storage.ts'
import type { Timing } from './timing.ts'

type Unkept = { draft: Draft; at: number; stopRetry?: () => void }

/** What stands in the composers. Each change is handed to the storage at once: whoever types has waited already. */
export function openDrafts(parts: { clock: Clock; timing: Timing; storage: Storage; storageFailed: (error: unknown) => void }) {
  const { clock, timing, storage } = parts
  let drafts: Drafts = emptyRecord()
  /** As long as the storage has not taken it. */
  const unkept = new Map<ConversationId, Unkept>()
  let isClosed = false

  function handle(action: Action): void {
    const before = drafts
    drafts = draftsReducer(drafts, action)
    if (messageWritten.match(action) && !action.payload.found) {
      // What is kept goes in the transaction that keeps the row, not before.
      drop(action.payload.conv)
      storage.draftSent(action.payload.conv)
    } else if (conversationLeft.match(action)) drop(action.payload.conv)
    // Until its files are kept a page that ends would leave nothing of it.
    else if (filesKept.match(action) || (messageSaved.match(action) && drafts[action.payload.conv])) keepPresent(action.payload.conv)
    else if (!filesWritten.match(action)) {
      for (const conv of Object.keys({ ...before, ...drafts }) as ConversationId[])
        if (before[conv] !== drafts[conv] && (before[conv] || !draftsLoaded.match(action))) keepPresent(conv)
    }
  }

  const keepPresent = (conv: ConversationId) => keep(conv, { draft: drafts[conv] ?? { text: '' }, at: clock.now() })

  function keep(conv: ConversationId, { draft, at }: Unkept): void {
    drop(conv)
    const change: Unkept = { draft, at }
    unkept.set(conv, change)
    storage.keepDraft(conv, draft, at).then(
      () => {
        if (unkept.get(conv) === change) unkept.delete(conv)
      },
      (error: unknown) => {
        parts.storageFailed(error)
        // A later one is kept instead.
        if (!isClosed && unkept.get(conv) === change) change.stopRetry = clock.after(timing.REREAD_MS, () => keepAgain(conv))
      },
    )
  }

  /** What the storage refused. */
  function keepAgain(conv: ConversationId): void {
    const change = unkept.get(conv)
    if (change?.stopRetry) keep(conv, change)
  }

  function keepAllAgain(): void {
    for (const conv of [...unkept.keys()]) keepAgain(conv)
  }

  function drop(conv: ConversationId): void {
    unkept.get(conv)?.stopRetry?.()
    unkept.delete(conv)
  }

  return {
    handle,
    flush: keepAgain,
    flushAll: keepAllAgain,
    hasUnsaved: () => [...unkept.values()].some((change) => change.stopRetry),
    close: () => {
      keepAllAgain()
      isClosed = true
    },
  }
}

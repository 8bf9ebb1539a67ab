import type { ConversationId } from '#protocol/ids.ts'
import type { Clock } from './ports.ts'
import type { Storage } from './storage.ts'
import type { Timing } from './timing.ts'

type Draft = { text: string; at: number; stopRetry: (() => void) | undefined }

/** Texts in composers. Each is handed to the storage at once: whoever types has waited already. */
export function openDrafts(parts: { clock: Clock; timing: Timing; storage: Storage; storageFailed: (error: unknown) => void }) {
  const { clock, timing, storage } = parts
  /** What each conversation's composer holds, as long as the storage has not taken it. */
  const unkept = new Map<ConversationId, Draft>()
  let isClosed = false

  function keep(conv: ConversationId, draft: Draft): void {
    drop(conv)
    unkept.set(conv, draft)
    storage.keepDraft(conv, draft.text, draft.at).then(
      () => {
        if (unkept.get(conv) === draft) unkept.delete(conv)
      },
      (error: unknown) => {
        parts.storageFailed(error)
        // A later text is kept instead.
        if (!isClosed && unkept.get(conv) === draft) draft.stopRetry = clock.after(timing.REREAD_MS, () => keepAgain(conv))
      },
    )
  }

  /** What the storage refused. */
  function keepAgain(conv: ConversationId): void {
    const draft = unkept.get(conv)
    if (draft?.stopRetry) keep(conv, { ...draft, stopRetry: undefined })
  }

  function keepAllAgain(): void {
    for (const conv of [...unkept.keys()]) keepAgain(conv)
  }

  function drop(conv: ConversationId): void {
    unkept.get(conv)?.stopRetry?.()
    unkept.delete(conv)
  }

  return {
    keep: (conv: ConversationId, text: string): void => keep(conv, { text, at: clock.now(), stopRetry: undefined }),
    flush: keepAgain,
    flushAll: keepAllAgain,
    /** It was sent: it goes in the transaction that keeps the row, not before. */
    sent: (conv: ConversationId): void => {
      drop(conv)
      storage.draftSent(conv)
    },
    hasUnsaved: () => [...unkept.values()].some((draft) => draft.stopRetry),
    close: () => {
      keepAllAgain()
      isClosed = true
    },
  }
}

import type { ConversationId } from '#protocol/ids.ts'
import type { Clock } from './ports.ts'
import type { Storage } from './storage.ts'
import type { Timing } from './timing.ts'

/** Texts in composers, kept a moment after the last key. */
export function openDrafts(parts: { clock: Clock; timing: Timing; storage: Storage; storageFailed: (error: unknown) => void }) {
  const { clock, timing, storage } = parts
  const pending = new Map<ConversationId, { text: string; at: number; stop: () => void }>()

  /** The storage would not take these. */
  const unkept = new Set<ConversationId>()
  let isClosed = false

  function flush(conv: ConversationId): void {
    const draft = pending.get(conv)
    if (!draft) return
    drop(conv)
    unkept.delete(conv)
    storage.keepDraft(conv, draft.text, draft.at).catch((error: unknown) => {
      parts.storageFailed(error)
      // A later text is kept instead.
      if (isClosed || pending.has(conv)) return
      unkept.add(conv)
      pending.set(conv, { ...draft, stop: clock.after(timing.REREAD_MS, () => flush(conv)) })
    })
  }

  function drop(conv: ConversationId): void {
    pending.get(conv)?.stop()
    pending.delete(conv)
  }

  return {
    keep: (conv: ConversationId, text: string): void => {
      drop(conv)
      pending.set(conv, { text, at: clock.now(), stop: clock.after(timing.DRAFT_MS, () => flush(conv)) })
    },
    flush,
    flushAll: () => {
      for (const conv of [...pending.keys()]) flush(conv)
    },
    /** It was sent: it goes in the transaction that keeps the row, not before. */
    sent: (conv: ConversationId): void => {
      drop(conv)
      unkept.delete(conv)
    },
    hasUnsaved: () => unkept.size > 0,
    close: () => {
      for (const conv of [...pending.keys()]) flush(conv)
      isClosed = true
    },
  }
}

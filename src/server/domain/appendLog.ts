import type { LogEvent, LogEventOf } from '#protocol/log.ts'
import type { ConversationRow, Tx } from '#server/storage/store.ts'
import { chainAfter } from './chain.ts'
import type { Core } from './core.ts'

/** An event without what the log adds: its place, its hash, its time. */
export type EventDraft = { [K in LogEvent['kind']]: Omit<LogEventOf<K>, 'conv' | 'rev' | 'h' | 'at'> }[LogEvent['kind']]

export type LogWriter = {
  readonly at: number
  /** Where the next event and the next message go. */
  next: () => { rev: number; seq: number }
  append: (draft: EventDraft, bodySha?: string) => Promise<LogEvent>
  /** Everything appended so far. */
  events: LogEvent[]
  /** Moves the conversation on. To be called once, after the last append. */
  close: () => Promise<void>
}

/** Appends to the log of a conversation whose lock is held: numbers without a hole, hashes chained. */
export function appendLog(core: Core, tx: Tx, conversation: ConversationRow): LogWriter {
  const { id: conv } = conversation
  let { rev, seq, h } = conversation
  const at = core.now()
  const events: LogEvent[] = []
  return {
    at,
    events,
    next: () => ({ rev: rev + 1, seq: seq + 1 }),
    async append(draft, bodySha = '') {
      const messageId = draft.kind === 'new' ? draft.message.id : 'messageId' in draft ? draft.messageId : ''
      const opId = 'opId' in draft ? draft.opId : ''
      h = chainAfter(core.sha256, h, { kind: draft.kind, messageId, opId, bodySha })
      rev++
      if (draft.kind === 'new') seq++
      const event: LogEvent = { conv, rev, h, at, ...draft } as LogEvent
      await tx.appendEvent(event)
      events.push(event)
      return event
    },
    async close() {
      if (events.length > 0) await tx.updateConversation(conv, { rev, seq, h, changedAt: at })
    },
  }
}

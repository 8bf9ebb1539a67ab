import type { LogEvent, LogEventOf } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { ConversationRow, Tx } from '#server/storage/store.ts'
import { chainAfter } from './chain.ts'
import type { Core } from './core.ts'

/** An event without what the log adds: its place, its hash, its time. */
type Draft<E extends LogEvent> = E extends LogEvent ? Omit<E, 'conv' | 'rev' | 'h' | 'at'> : never
export type EventDraft = Draft<Exclude<LogEvent, LogEventOf<'new'>>>

export type LogWriter = {
  readonly at: number
  /** Where the next event goes. */
  nextRev: () => number
  /** Appends a message unless its sender used its client id before; then nothing changes, and the answer is undefined. */
  appendMessage: (message: Omit<ChatMessage, 'conv' | 'seq' | 'at' | 'version'>, bodyHash: string) => Promise<LogEventOf<'new'> | undefined>
  append: (draft: EventDraft, bodyHash?: string) => Promise<LogEvent>
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
    nextRev: () => rev + 1,
    async appendMessage(parts, bodyHash) {
      const next = chainAfter(core.sha256, h, { kind: 'new', messageId: parts.id, bodyHash })
      const message: ChatMessage = { ...parts, conv, seq: seq + 1, at, version: rev + 1 }
      if (!(await tx.insertMessage(message, { bodyHash, h: next }))) return undefined
      rev++
      seq++
      h = next
      const event: LogEventOf<'new'> = { conv, rev, h, at, kind: 'new', actor: message.sender, message }
      events.push(event)
      return event
    },
    async append(draft, bodyHash = '') {
      const [messageId, opId] = 'messageId' in draft ? [draft.messageId, draft.opId] : ['', '']
      h = chainAfter(core.sha256, h, { kind: draft.kind, messageId, opId, bodyHash })
      rev++
      const event = { conv, rev, h, at, ...draft }
      await tx.appendEvent(event, seq)
      events.push(event)
      return event
    },
    async close() {
      if (events.length > 0) await tx.updateConversation(conv, { rev, seq, h, changedAt: at })
    },
  }
}

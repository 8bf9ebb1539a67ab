import type { OutboxRow } from '#client/live/facts.ts'
import type { RefusalCode } from '#protocol/codes.ts'
import type { Profile } from '#protocol/conversation.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ClientId, MessageId, PictureId, UserId } from '#protocol/ids.ts'
import { reactionsAfter, type Note } from '#protocol/log.ts'
import type { ChatMessage, Reactions } from '#protocol/message.ts'
import { isAhead, type Change } from './changesSlice.ts'
import { dayOf } from './clock.ts'
import { noteRuns, noteWords } from './noteWords.ts'
import type { Timeline } from './timeline.ts'

/** `data-status` of an own row. */
export type Status = 'saving' | 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** One line of the message list. `key` never changes while the line stands for the same thing. */
export type Row = MessageRow | DayRow | NoteRow | GapRow | DividerRow

export type MessageRow = {
  kind: 'message'
  key: string
  clientId: ClientId
  /** null until the server stored it. */
  messageId: MessageId | null
  seq: number | null
  sender: UserId
  senderName: string
  picture: PictureId | undefined
  mine: boolean
  body: string
  /** When it was stored; the writer's clock, corrected, before that. */
  at: number
  /** null on the rows of others. */
  status: Status | null
  /** Since when an answer is awaited, while `status` is `sending`: see `isUnconfirmed`. */
  sendingSince: number | null
  /** Why it was refused, while `status` is `failed`. */
  refusal: RefusalCode | null
  /** Kept in this tab only: it would not survive a reload. */
  memory: boolean
  /** The last own row of a run with the same status, or a failed one: the status stands beside it in words. */
  showLabel: boolean
  /** First of a group by one author: name and avatar stand here. */
  groupStart: boolean
  edited: boolean
  deleted: boolean
  replyTo: MessageId | null
  files: readonly FileFacts[] | null
  reactions: Reactions | null
  /** What of this is one's own wish alone, until the log shows it. */
  changing: 'edit' | 'delete' | 'react' | null
}
export type DayRow = { kind: 'day'; key: string; at: number }
export type NoteRow = { kind: 'note'; key: string; at: number; text: string }
/** Something between the rows around it is not loaded; ask with `historyRequested({conv, beforeSeq, afterSeq})`. */
export type GapRow = { kind: 'gap'; key: string; afterSeq: number; beforeSeq: number }
/** "N new while you were away". */
export type DividerRow = { kind: 'divider'; key: string; count: number }

export type RowsInput = {
  timeline: Timeline
  /** Nothing this person may see lies before the timeline. */
  isStart: boolean
  outbox: readonly OutboxRow[]
  /** Asked for and not in the log yet: shown at once. */
  changes: readonly Change[]
  me: UserId | null
  /** What people are called now, which wins over the name a message came with, and how they are pictured. */
  people: Readonly<Record<UserId, Profile>>
  /** How far all others got, or null when that can't be said. */
  reached: { delivered: number; read: number } | null
  divider: { afterSeq: number; count: number } | null
  /** Server clock minus ours, so that unsent rows stand at the right time of day. */
  skewMs: number
}

/** Rows of one author within this time stand together. */
export const GROUP_WITHIN_MS = 5 * 60_000
/** An answer this late is worth a word. */
export const UNCONFIRMED_AFTER_MS = 10_000

/** "Not confirmed yet": sent, and no answer for `UNCONFIRMED_AFTER_MS`. Retrying is safe, it keeps its id. */
export const isUnconfirmed = (row: { sendingSince: number | null }, now: number): boolean =>
  row.sendingSince !== null && now >= row.sendingSince + UNCONFIRMED_AFTER_MS

/**
 * The list of one conversation: what is stored in the server's order, then what is not yet, in written order; with headings, notes and
 * markers in between. A row that says the same as in `before` is the same object.
 */
export function rowsFor(input: RowsInput, before: readonly Row[] = []): readonly Row[] {
  const known = new Map(before.map((row) => [row.key, row]))
  const rows: Row[] = []
  const notes = [...input.timeline.notes].sort((a, b) => a.afterSeq - b.afterSeq || a.rev - b.rev)
  let nextNote = 0
  let lastSeq: number | null = null
  let lastAt: number | null = null
  let lastDay = -Infinity
  let lastSender: UserId | null = null
  let isDivided = false

  const add = (row: Row): void => {
    const same = known.get(row.key)
    rows.push(same && isSame(same, row) ? same : row)
  }
  const day = (at: number): void => {
    // Days only go forward, even if the server's clock was set back: one heading for each.
    if (dayOf(at) <= lastDay) return
    lastDay = dayOf(at)
    add({ kind: 'day', key: `day ${lastDay}`, at })
    lastSender = null
  }
  const divide = (nextSeq: number): void => {
    if (isDivided || !input.divider || nextSeq <= input.divider.afterSeq) return
    isDivided = true
    add({ kind: 'divider', key: 'divider', count: input.divider.count })
    lastSender = null
  }
  /** Notes stand right after the message they follow; those in a stretch that is not loaded wait for it. */
  const notesBefore = (seq: number): void => {
    const due: Note[] = []
    for (; nextNote < notes.length && notes[nextNote]!.afterSeq < seq; nextNote++) {
      const note = notes[nextNote]!
      if (lastSeq === null ? input.isStart : note.afterSeq === lastSeq) due.push(note)
    }
    for (const run of noteRuns(due)) {
      day(run[0]!.at)
      add({ kind: 'note', key: `note ${run[0]!.rev}`, at: run[0]!.at, text: noteWords(run, input.me) })
      lastSender = null
      lastAt = run[0]!.at
    }
  }
  const changes = input.changes.filter((change) => isAhead(change, input.timeline.through?.rev ?? 0))
  const message = (row: MessageRow): void => {
    day(row.at)
    const groupStart = row.sender !== lastSender || lastAt === null || row.at - lastAt > GROUP_WITHIN_MS
    add({ ...changes.reduce((changed, change) => afterChange(changed, change, input.me), row), groupStart })
    lastSender = row.sender
    lastAt = row.at
  }

  const written = new Set<ClientId>()
  for (const stored of input.timeline.messages) {
    notesBefore(stored.seq)
    divide(stored.seq)
    if (lastSeq !== null && stored.seq !== lastSeq + 1) {
      add({ kind: 'gap', key: `gap ${stored.seq}`, afterSeq: lastSeq, beforeSeq: stored.seq })
      lastSender = null
    }
    lastSeq = stored.seq
    if (stored.sender === input.me) written.add(stored.clientId)
    message(storedRow(stored, input))
  }
  notesBefore(Infinity)
  for (const row of input.outbox) {
    if (!row.again && !written.has(row.clientId)) message(outboxRow(row, input, Math.max(row.sentAt + input.skewMs, lastAt ?? 0)))
  }
  const labelled = withLabels(rows, known)
  return labelled.length === before.length && labelled.every((row, at) => row === before[at]) ? before : labelled
}

function storedRow(message: ChatMessage, { me, people, reached }: RowsInput): MessageRow {
  const mine = message.sender === me
  const sender = people[message.sender]
  return {
    kind: 'message',
    // Another writer may have used the same client id; ours are ours alone.
    key: mine ? message.clientId : message.id,
    clientId: message.clientId,
    messageId: message.id,
    seq: message.seq,
    sender: message.sender,
    senderName: sender?.name ?? message.senderName,
    picture: sender?.picture,
    mine,
    body: message.body,
    at: message.at,
    status: !mine ? null : reached && reached.read >= message.seq ? 'read' : reached && reached.delivered >= message.seq ? 'delivered' : 'sent',
    sendingSince: null,
    refusal: null,
    memory: false,
    showLabel: false,
    groupStart: false,
    edited: message.editedAt !== undefined && message.deletedAt === undefined,
    deleted: message.deletedAt !== undefined,
    replyTo: message.replyTo ?? null,
    files: message.files ?? null,
    reactions: message.reactions ?? null,
    changing: null,
  }
}

function outboxRow(row: OutboxRow, { me, people }: RowsInput, at: number): MessageRow {
  const { state } = row
  const sender = me ?? ('' as UserId)
  return {
    kind: 'message',
    key: row.clientId,
    clientId: row.clientId,
    messageId: state.name === 'stored' ? state.id : null,
    seq: state.name === 'stored' ? state.seq : null,
    sender,
    senderName: people[sender]?.name ?? '',
    picture: people[sender]?.picture,
    mine: true,
    body: row.body,
    at: state.name === 'stored' ? state.at : at,
    status: state.name === 'stored' ? 'sent' : state.name === 'refused' ? 'failed' : state.name,
    sendingSince: state.name === 'sending' ? state.since : null,
    refusal: state.name === 'refused' ? state.code : null,
    memory: (state.name === 'queued' || state.name === 'sending') && state.memory,
    showLabel: false,
    groupStart: false,
    edited: false,
    deleted: false,
    replyTo: row.replyTo ?? null,
    files: row.files ?? null,
    reactions: null,
    changing: null,
  }
}

/** The row as it will be when the log shows this change; the same row when it is about another message, or comes too late. */
function afterChange(row: MessageRow, { operation }: Change, me: UserId | null): MessageRow {
  const { kind, target } = operation
  if (target.clientId !== row.clientId || target.sender !== row.sender || row.deleted || me === null) return row
  if (kind === 'edit') return { ...row, body: operation.body, edited: true, changing: kind }
  if (kind === 'delete') return { ...row, body: '', edited: false, deleted: true, files: null, reactions: null, changing: kind }
  const reactions = reactionsAfter(row.reactions ?? {}, { kind, emoji: operation.emoji, actor: me })
  return { ...row, reactions, changing: row.changing ?? 'react' }
}

/** Marks the last own row of each run of equal status; read from the end, because a run ends where the next own row differs. */
function withLabels(rows: Row[], known: Map<string, Row>): Row[] {
  let later: Status | null = null
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at]!
    if (row.kind !== 'message' || row.status === null) continue
    const showLabel = row.status !== later || row.status === 'failed'
    later = row.status
    if (row.showLabel === showLabel) continue
    const labelled: MessageRow = { ...row, showLabel }
    const same = known.get(row.key)
    rows[at] = same && isSame(same, labelled) ? same : labelled
  }
  return rows
}

/** Do both rows look the same? */
function isSame(a: Row, b: Row): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return Object.keys(right).every((field) => left[field] === right[field])
}

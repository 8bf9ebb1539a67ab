import type { ConversationSnapshot, HelloFacts, OutboxRow, OutboxState } from '#client/live/facts.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ConversationFacts, Member } from '#protocol/conversation.ts'
import type { ClientId, ConversationId, DeviceId, Epoch, FileId, MessageId, OperationId, SessionId, UserId } from '#protocol/ids.ts'
import type { LogEvent, LogEventOf } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Me } from '#protocol/session.ts'

/*
 * What happens in one conversation, spelled out: Ann ("me") and Ben talk, and the same numbers always give the same ids, so that
 * tests of the client's state can say `says(3, ben)` and mean one message.
 */

export const ann = 'ann' as UserId
export const ben = 'ben' as UserId
export const cem = 'cem' as UserId
export const conv = '00000000-0000-7000-8000-00000000000c' as ConversationId
export const otherConv = '00000000-0000-7000-8000-00000000000d' as ConversationId

const H = '0000000000000000'
const uuid = (kind: number, n: number): string => `00000000-0000-7000-8000-${kind}${String(n).padStart(11, '0')}`

export const clientId = (n: number): ClientId => uuid(1, n) as ClientId
export const messageId = (n: number): MessageId => uuid(2, n) as MessageId
export const operationId = (n: number): OperationId => uuid(3, n) as OperationId

/** Noon of a day, local time, so that days mean the same in every time zone. */
export const NOON = new Date(2026, 10, 20, 12).getTime()
export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000

export const nameOf = (user: UserId): string => user.charAt(0).toUpperCase() + user.slice(1)
export const person = (id: UserId): Me => ({ id, name: nameOf(id), isGuest: true, permissions: ['message:send'] })
export const member = (id: UserId, more: Partial<Member> = {}): Member => ({
  id,
  name: nameOf(id),
  isGuest: true,
  role: 'member',
  delivered: 0,
  read: 0,
  ...more,
})

/** The n-th message, one a minute from noon. */
export const says = (seq: number, sender: UserId = ben, more: Partial<ChatMessage> = {}): ChatMessage => ({
  id: messageId(seq),
  clientId: clientId(seq),
  conv,
  seq,
  sender,
  senderName: nameOf(sender),
  body: `message ${seq}`,
  sentAt: NOON + seq * MINUTE_MS,
  at: NOON + seq * MINUTE_MS,
  version: seq,
  ...more,
})

export const saysFrom = (first: number, last: number, sender: UserId = ben): ChatMessage[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => says(first + at, sender))

export const heard = (message: ChatMessage, rev: number = message.version): LogEventOf<'new'> => ({
  kind: 'new',
  conv: message.conv,
  rev,
  h: H,
  at: message.at,
  actor: message.sender,
  message,
})

export const edited = (seq: number, rev: number, body: string): LogEventOf<'edit'> => ({
  kind: 'edit',
  conv,
  rev,
  h: H,
  at: NOON,
  actor: ben,
  messageId: messageId(seq),
  seq,
  opId: operationId(rev),
  body,
})

export const deleted = (seq: number, rev: number): LogEventOf<'delete'> => ({
  kind: 'delete',
  conv,
  rev,
  h: H,
  at: NOON,
  actor: ben,
  messageId: messageId(seq),
  seq,
  opId: operationId(rev),
})

export const joined = (user: UserId, rev: number, afterSeq: number, actor: UserId = user): LogEventOf<'join'> => ({
  kind: 'join',
  conv,
  rev,
  h: H,
  at: NOON + afterSeq * MINUTE_MS,
  actor,
  afterSeq,
  person: { id: user, name: nameOf(user), isGuest: true },
  role: 'member',
})

/** Events with the given messages, and where the log stands after them. */
export const arrival = (messages: ChatMessage[], more: { caughtUp?: boolean; events?: LogEvent[] } = {}) => {
  const events = [...messages.map((message) => heard(message)), ...(more.events ?? [])]
  const last = messages.at(-1)
  return {
    conv: last?.conv ?? conv,
    events,
    through: { rev: Math.max(0, ...events.map((event) => event.rev)), seq: last?.seq ?? 0 },
    caughtUp: more.caughtUp ?? false,
  }
}

export const factsOf = (more: Partial<ConversationFacts> = {}): ConversationFacts => ({
  id: conv,
  kind: 'group',
  name: 'Weekend',
  createdAt: NOON,
  role: 'member',
  delivered: 0,
  read: 0,
  visibleFrom: 0,
  memberCount: more.members?.length ?? 2,
  members: [member(ann), member(ben)],
  ...more,
})

export const snapshot = (facts: Partial<ConversationFacts> = {}, seq = 0, lastMessage: ChatMessage | null = null): ConversationSnapshot => ({
  facts: factsOf(facts),
  head: { rev: seq, seq },
  lastMessage,
})

export const fileFacts = (n: number, size = 100): FileFacts => ({
  id: `0f000000-0000-7000-8000-00000000000${n}` as FileId,
  name: `${n}.bin`,
  type: '',
  size,
})

export const waiting = (n: number, state: OutboxState = { name: 'queued', memory: false }, more: Partial<OutboxRow> = {}): OutboxRow => ({
  conv,
  clientId: clientId(n),
  body: `message ${n}`,
  sentAt: NOON + n * MINUTE_MS,
  state,
  ...more,
})

export const helloFacts = (user: Me = person(ann)): HelloFacts => ({
  connId: 'c1',
  sessionId: uuid(4, 1) as SessionId,
  deviceId: uuid(5, 1) as DeviceId,
  now: NOON,
  user,
  proto: 1,
  epoch: uuid(6, 1) as Epoch,
  isReconnection: false,
  reconnectCount: 0,
  limits: { maxBodyBytes: 32_768, maxBatch: 20, pageMax: 200 },
  transport: 'websocket',
})

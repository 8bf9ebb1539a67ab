import type { AnswerOf } from '#protocol/events.ts'
import { createAction } from '@reduxjs/toolkit'
import type { RefusalCode, StopCode } from '#protocol/codes.ts'
import type { ConversationFacts } from '#protocol/conversation.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ClientId, ConversationId, FileId, MessageId, OperationId, UserId } from '#protocol/ids.ts'
import type { LogEvent, Note } from '#protocol/log.ts'
import type { ChatMessage, MessageRef, Operation } from '#protocol/message.ts'
import type { Presence } from '#protocol/presence.ts'
import type { Me } from '#protocol/session.ts'
import type { UserEventOf } from '#protocol/sync.ts'

/*
 * What any slice may react to. Three groups:
 *
 *   intents   what the person asks for. Screens dispatch them; slices may show them at once; the live session acts on them.
 *   facts     what happened. Dispatched by the live session alone.
 *   session   who is signed in. Dispatched by `live/session.ts`.
 *
 * Every payload is plain, serialisable data. `at` is this client's clock in milliseconds.
 */

// ---- intents ---------------------------------------------------------------------------------------------------------------

/** Enter was pressed. The row is on screen from here on; it is safe once `messageSaved` follows. */
export const messageWritten = createAction<WrittenMessage>('messageWritten')
/** The server has another build of the app than this page is of, and this browser keeps it. */
export const newVersionFound = createAction('newVersionFound')
/** These files are to go with what is written next. */
export const filesAttached = createAction<{ conv: ConversationId; files: FileFacts[] }>('filesAttached')
/** Some of the chosen files can't go with it; why, in words. */
export const filesRejected = createAction<{ words: string }>('filesRejected')
export const fileDetached = createAction<{ conv: ConversationId; id: FileId }>('fileDetached')
/** A message with files was written. It becomes a message like any other (`messageWritten`) when all of them are with the server. */
export const filesWritten = createAction<FilesMessage>('filesWritten')
/** The files are kept on this device with their message, or with the server: it does without what stood in the composer. */
export const filesKept = createAction<{ conv: ConversationId }>('filesKept')
/** It is not to be sent after all; its text goes back to the composer. */
export const uploadWithdrawn = createAction<{ conv: ConversationId; clientId: ClientId; body: string }>('uploadWithdrawn')
/** The server said no to one of its files; try it again. */
export const uploadRetryRequested = createAction<{ clientId: ClientId }>('uploadRetryRequested')
/** Send a refused row again, under the same client id. */
export const retryRequested = createAction<{ conv: ConversationId; clientId: ClientId }>('retryRequested')
/** Take an unsent or refused row away. */
export const discardRequested = createAction<{ conv: ConversationId; clientId: ClientId }>('discardRequested')
/** Change the text of a row that has never been sent. */
export const unsentEdited = createAction<{ conv: ConversationId; clientId: ClientId; body: string }>('unsentEdited')
/**
 * Edit, delete or react to a message, whether it is in the log, on its way or still waits. It goes out behind its message, once, whatever happens
 * to the line or the page.
 */
export const operationRequested = createAction<MessageChange>('operationRequested')
/** It is not to be made after all. Too late once it is on its way. */
export const operationWithdrawn = createAction<{ conv: ConversationId; opId: OperationId }>('operationWithdrawn')
/** What is written next answers this message. */
export const replyChosen = createAction<{ conv: ConversationId; to: MessageId }>('replyChosen')
/** An own message is changed where messages are written. */
export const editChosen = createAction<{ conv: ConversationId; clientId: ClientId }>('editChosen')
/** What an own message that is being changed is to say. */
export const editTyped = createAction<{ conv: ConversationId; clientId: ClientId; text: string }>('editTyped')
/** It was saved or given up. */
export const editEnded = createAction<{ conv: ConversationId; clientId: ClientId }>('editEnded')
/** What is written next is a message of its own. */
export const replyDropped = createAction<{ conv: ConversationId }>('replyDropped')
/** Yes, what was written long ago and never sent may go out now. */
export const oldUnsentAllowed = createAction('oldUnsentAllowed')
/** This conversation is on screen; asks for its newest page from the cache and the server. */
export const conversationOpened = createAction<{ conv: ConversationId }>('conversationOpened')
export const conversationClosed = createAction<{ conv: ConversationId }>('conversationClosed')
/** Messages before `beforeSeq` are wanted on screen, and of a gap those after `afterSeq`. Answered by `historyArrived` or `historyUnavailable`. */
export const historyRequested = createAction<{ conv: ConversationId; beforeSeq: number; afterSeq?: number }>('historyRequested')
/** This message is wanted on screen, wherever it stands. `held`: it is in the timeline. Otherwise `stretchArrived` or `stretchUnavailable` answers. */
export const messageSought = createAction<{ conv: ConversationId; id: MessageId; held: boolean }>('messageSought')
/** Everything up to `seq` was on screen while the page was visible and focused. */
export const readThrough = createAction<{ conv: ConversationId; seq: number }>('readThrough')
/** The composer's text changed; kept per conversation over reloads. */
export const draftChanged = createAction<{ conv: ConversationId; text: string }>('draftChanged')
/** A key was pressed in the composer. */
export const typingNoticed = createAction<{ conv: ConversationId }>('typingNoticed')
/** The presence of these people is on screen; replaces the previous set. */
export const peopleWatched = createAction<{ users: UserId[] }>('peopleWatched')
/** Retry now, in the banner. */
export const retryNowRequested = createAction('retryNowRequested')
/** "Use here", after this tab was replaced. */
export const useHereRequested = createAction('useHereRequested')

// ---- facts: the line ---------------------------------------------------------------------------------------------------------

/** A dial has begun. `attempt` counts dials since the line was last good, from 1. */
export const connectionDialled = createAction<{ at: number; attempt: number }>('connectionDialled')
/** The token is being renewed, or the server is being asked who we are. */
export const connectionAuthenticating = createAction<{ at: number }>('connectionAuthenticating')
/** The server knows us; what was missed is being fetched. */
export const catchUpStarted = createAction<{ at: number; hello: HelloFacts }>('catchUpStarted')
/** Everything missed is here: this is "Connected". Also repeated after each later exchange of heads that found nothing missing. */
export const roomsSynced = createAction<{ at: number; serverAt: number }>('roomsSynced')
/** The line is gone or was never there. `nextRetryAt` is null when no dial is planned (the browser says offline). */
export const connectionLost = createAction<{ at: number; reason: string; attempt: number; nextRetryAt: number | null }>('connectionLost')
/** The browser's own word. It hides or shows "offline"; it never proves a connection. */
export const browserWentOffline = createAction<{ at: number }>('browserWentOffline')
export const browserCameOnline = createAction<{ at: number }>('browserCameOnline')
/** No further attempt until the person acts. */
export const connectionRefused = createAction<{ at: number; code: StopCode | 'REPLACED' }>('connectionRefused')
/** The server is about to restart; still connected. */
export const restartAnnounced = createAction<{ at: number; backAt: number }>('restartAnnounced')
/** A request was answered: by our server, or in its place, as by the sign-in page of a network. The former is told only after the latter. */
export const requestAnswered = createAction<{ byServer: boolean }>('requestAnswered')
/** Something was heard from the server, or the measured state of the line changed. At most one a second. */
export const lineMeasured = createAction<{ at: number; lastHeardAt: number; rttMs: number | null; transport: 'websocket' | 'polling' | null }>(
  'lineMeasured',
)

// ---- facts: messages ---------------------------------------------------------------------------------------------------------

/**
 * Changes to messages that are not answered yet, all of them, in the order they were made: whenever that changed, here, in another tab, or
 * before this page was opened.
 */
export const changesListed = createAction<{ changes: MessageChange[] }>('changesListed')
/** The server made the change; it shows with its log event, at `rev`. */
export const operationApplied = createAction<{ conv: ConversationId; opId: OperationId; rev: number }>('operationApplied')
/** The server said no to a change. It will not be tried again. */
export const operationRefused = createAction<{ conv: ConversationId; operation: OwnOperation; code: RefusalCode }>('operationRefused')
/** All messages whose files are on their way, in written order, whenever that changed. */
export const uploadsListed = createAction<{ uploads: Upload[] }>('uploadsListed')
/** Of all its files, in bytes. Told by the tab that uploads them. */
export const uploadProgressed = createAction<{ clientId: ClientId; sent: number }>('uploadProgressed')
/** The whole outbox of this person, in written order: at start, and when another tab or the loss of the database changed it. */
export const outboxLoaded = createAction<{ rows: OutboxRow[] }>('outboxLoaded')
/** The storage transaction of a written message is complete: it survives a crash. */
export const messageSaved = createAction<{ conv: ConversationId; clientId: ClientId }>('messageSaved')
/** It could not be stored on this device; it will still be sent, and the person is told. */
export const messageKeptInMemory = createAction<{ conv: ConversationId; clientId: ClientId }>('messageKeptInMemory')
export const sendStarted = createAction<{ conv: ConversationId; clientIds: ClientId[]; at: number }>('sendStarted')
/** The server stored it (the ack). The row enters the timeline when its log event arrives. */
export const messageStored = createAction<{ conv: ConversationId; clientId: ClientId; id: MessageId; seq: number; at: number }>('messageStored')
/** The server said no to this one message. */
export const sendRefused = createAction<{ conv: ConversationId; clientId: ClientId; code: RefusalCode }>('sendRefused')
/** The whole conversation waits until `until` (this client's clock), because the server said "slower". */
export const sendDelayed = createAction<{ conv: ConversationId; until: number; code: 'E_RATE' | 'E_BUSY' | 'E_STORAGE' | 'E_INTERNAL' }>(
  'sendDelayed',
)
/** A row left the outbox for another reason than being stored: discarded here or in another tab, or sent by another tab. */
export const outboxRowRemoved = createAction<{ conv: ConversationId; clientId: ClientId }>('outboxRowRemoved')
/** So many messages wait that were written long ago: they go out when the person says so (`oldUnsentAllowed`). 0: no question is open. */
export const oldUnsentCounted = createAction<{ count: number }>('oldUnsentCounted')
/** New entries of the log, contiguous after the cursor, in order. `caughtUp`: fetched after an absence rather than heard live. */
export const messagesArrived = createAction<{ conv: ConversationId; events: LogEvent[]; through: Cursor; caughtUp: boolean }>('messagesArrived')
/** The newest page replaces what was shown below it; anything older that is held stays, behind a gap. */
export const conversationReset = createAction<{ conv: ConversationId; messages: ChatMessage[]; notes: Note[]; through: Cursor; fromCache: boolean }>(
  'conversationReset',
)
/**
 * The server's past of this conversation is not the one that was shown: a backup was restored, or what is kept here was damaged and is
 * read anew. Whatever was shown or counted is void.
 */
export const pastReplaced = createAction<{ conv: ConversationId; because: 'restored' | 'repaired' }>('pastReplaced')
/** A page of history. Messages are ascending and contiguous and end right before `beforeSeq`. */
/** `afterSeq`: of the gap that was asked for with `beforeSeq` this is what follows its older side; what ends at `beforeSeq` comes by itself. */
export const historyArrived = createAction<{
  conv: ConversationId
  beforeSeq: number
  afterSeq?: number | undefined
  messages: ChatMessage[]
  notes: Note[]
  start: boolean
}>('historyArrived')
export const historyUnavailable = createAction<{ conv: ConversationId; beforeSeq: number }>('historyUnavailable')
/** Messages on both sides of the one that was sought: ascending and contiguous among themselves. */
export const stretchArrived = createAction<{ conv: ConversationId; messages: ChatMessage[]; notes: Note[]; start: boolean }>('stretchArrived')
/** `gone`: the server has it no more, or never shows it to this person. */
export const stretchUnavailable = createAction<{ conv: ConversationId; id: MessageId; gone: boolean }>('stretchUnavailable')

// ---- facts: conversations and people ------------------------------------------------------------------------------------------

/** Facts about conversations, from the cache or the server; each replaces what was known about it. */
export const conversationsLearned = createAction<{ conversations: ConversationSnapshot[] }>('conversationsLearned')
/** The person is no longer a member. `by`: who removed them, null when they left themselves or it is not known. */
export const conversationLeft = createAction<{ conv: ConversationId; name: string; by: UserId | null; removed: boolean }>('conversationLeft')
export const receiptsChanged = createAction<{ conv: ConversationId; user: UserId; delivered: number; read: number }>('receiptsChanged')
export const presenceChanged = createAction<{ states: Presence[] }>('presenceChanged')
export const typingSeen = createAction<{ conv: ConversationId; user: UserId; name: string; until: number }>('typingSeen')
export const draftsLoaded = createAction<{ drafts: Drafts }>('draftsLoaded')
/** This device can't keep messages over a reload: storage is missing, blocked or full. Chat goes on from memory. */
export const storageLost = createAction<{ reason: 'missing' | 'blocked' | 'full' | 'broken' }>('storageLost')
/** So many messages that waited on this device were not in its storage any more when it was read: damaged, or deleted. */
export const unsentVanished = createAction<{ count: number }>('unsentVanished')
export const notificationReceived = createAction<{ type: string; from: UserId | null; conv: ConversationId | null }>('notificationReceived')

// ---- session -------------------------------------------------------------------------------------------------------------------

export const sessionStarted = createAction<{ user: Me }>('sessionStarted')
/** Signed out by the person. */
export const signedOut = createAction('signedOut')
/** There is no session in this browser: the welcome page. */
export const nobodySignedIn = createAction('nobodySignedIn')
/** The session is gone while the app was in use: in-place sign-in, everything stays. */
export const sessionEnded = createAction<{ at: number; code: StopCode | 'SIGNED_OUT' }>('sessionEnded')
/** What is not named stays as it was; `picture: null`: there is none any more. */
export const profileChanged = createAction<Omit<UserEventOf<'profile'>, 'kind' | 'urev'>>('profileChanged')

// ---- shapes --------------------------------------------------------------------------------------------------------------------

export type WrittenMessage = {
  conv: ConversationId
  clientId: ClientId
  body: string
  /** the writer's clock */
  sentAt: number
  replyTo?: MessageId
  /** With the server already. */
  files?: FileFacts[]
  /** Another page wrote it and is gone: what stands in the composer of this one has nothing to do with it. */
  found?: true
}

/** What stands in a composer. */
export type Draft = {
  text: string
  /** What is written answers this message. */
  reply?: { to: MessageId }
  /** An own message that is being changed, while the rest waits. */
  editing?: ClientId
  /** Changes that were begun and neither saved nor given up. */
  edits?: Record<ClientId, string>
  files?: FileFacts[]
}
/** No entry: nothing. */
export type Drafts = Record<ConversationId, Draft>

export type FilesMessage = Omit<WrittenMessage, 'found'> & { files: FileFacts[] }
/** `refusal`: why it is not tried again by itself. */
export type Upload = { message: FilesMessage; refusal: RefusalCode | null }

/** `notBefore`: by this device's clock; it is held back until then, so that it can be withdrawn, also when the page is gone meanwhile. */
export type MessageChange = { conv: ConversationId; operation: OwnOperation; notBefore?: number | undefined }
/** A change to a message, named by what its writer called it: so it can be made before the server has it. */
export type OwnOperation = Operation & { target: Extract<MessageRef, { clientId: ClientId }> }

/** An own message that is not yet in the timeline. Rows are in written order per conversation. */
export type OutboxRow = WrittenMessage & {
  state: OutboxState
  /** It was in the log once, and a restored server may have lost it: offered again, and counted among what waits. No list of messages shows it before the log does, because the server may well have it. */
  again?: true | undefined
  /** It was acknowledged, and the log that took it may be lost: it goes out once more. */
  putBack?: true | undefined
}

/**
 * saving  → on its way to this device's storage (or kept in memory only, then `memory` is true and it is sent all the same)
 * queued  → safe here, never sent
 * sending → sent at least once; may or may not have arrived; stays so until an answer
 * stored  → the server acknowledged it; leaves the outbox when its log event arrives
 * refused → the server said no
 */
export type OutboxState =
  | { name: 'saving' }
  | { name: 'queued'; memory: boolean }
  | { name: 'sending'; since: number; memory: boolean }
  | { name: 'stored'; id: MessageId; seq: number; at: number }
  | { name: 'refused'; code: RefusalCode }

/** Nothing is missing up to here. */
export type Cursor = { rev: number; seq: number }

/** Facts plus where the log stands for this client; `lastMessage` feeds the list's preview. */
export type ConversationSnapshot = { facts: ConversationFacts; head: Cursor; lastMessage: ChatMessage | null }

/** What `hello` answered, without the heads. */
export type HelloFacts = Pick<
  AnswerOf<'hello'>,
  'connId' | 'sessionId' | 'deviceId' | 'now' | 'user' | 'proto' | 'epoch' | 'isReconnection' | 'reconnectCount' | 'limits'
> & {
  transport: 'websocket' | 'polling'
}

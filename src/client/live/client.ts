import type { Action, Dispatch } from '@reduxjs/toolkit'
import type { Code } from '#protocol/codes.ts'
import type * as z from 'zod/mini'
import type { PasswordRequest } from '#protocol/account.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { FileLinks } from '#protocol/fileRequests.ts'
import type { ConversationFacts, Profile } from '#protocol/conversation.ts'
import type { Device } from '#protocol/device.ts'
import type { InviteAnswer, InviteFacts, InviteTerms } from '#protocol/http.ts'
import type { ClientId, ConversationId, DeviceId, FileId, UserId } from '#protocol/ids.ts'
import type { MadePasskey, Passkey, PasskeyId, PasskeyOptions, ShownPasskey } from '#protocol/passkey.ts'
import type { Contact, Receipts, ReportRequest } from '#protocol/people.ts'
import type { PushRequest } from '#protocol/push.ts'
import type { Refusal, Reply } from '#protocol/reply.ts'
import type { SearchAnswer, SearchQuery } from '#protocol/search.ts'
import type { Me } from '#protocol/session.ts'

/** Hands every dispatched action to a listener until the returned function is called. */
export type Intents = { subscribe: (listener: (action: Action) => void) => () => void }

/** What the app needs of the world outside the page. One per page, made in `main.tsx`, given to the routes. */
export type Client = {
  /** Boot: finds out, once, who is signed in. Dispatches `sessionStarted` or `nobodySignedIn`; never rejects. */
  resume: () => Promise<void>
  /** Dispatches `sessionStarted` on success; never rejects. Of tabs that ask for a new guest at once, one gets them and the others take them over. */
  enter: <W extends Way>(way: W, given: WaysIn[W]) => Promise<Entered>
  /**
   * Ends the session on the server when it can be reached, forgets it here in any case. Dispatches `signedOut`. What this browser keeps of the
   * person goes with them, but for what they leave.
   */
  signOut: (leaves: Leaves) => Promise<void>
  /** The live tie of the signed-in person: opens it and returns its close, which undoes all of it. Called by the route hook alone. */
  open: (me: Me) => () => void
  /** Resolves true when all that was written, drafts of a moment ago aside, would be there after a reload. */
  isKept: () => Promise<boolean>
  /** Compares what is kept here of a conversation with the server, and reads it anew where they differ. Never rejects. */
  check: (conv: ConversationId) => Promise<CheckReport>
  /** What was changed in a conversation and could still be undone is made now; resolves when that is done, or can't be. For who is about to leave it. */
  settled: (conv: ConversationId) => Promise<void>
  /** As `api.search`, among what this browser keeps; nothing where its storage fails, which is then told. Never rejects. */
  searchKept: (query: SearchQuery) => Promise<Reply<SearchAnswer>>
  /** Files that are chosen, and where those of messages are. Rejects while nobody is signed in, or where that part can't be loaded now. */
  files: () => Promise<FilesAtHand>
  /** What was written here as guests that this browser is no longer, and waits for a word. */
  former: FormerWords
  api: Api
}

/** `mayHaveArrived`: it went out once, and the answer did not come. */
export type Former = { user: UserId; name: string; words: { conv: ConversationId; clientId: ClientId; body: string; mayHaveArrived: boolean }[] }
export type FormerWords = {
  read: () => Promise<Former[]>
  /** As the present person. What may have arrived stays where it is. */
  send: (user: UserId) => Promise<void>
  forget: (user: UserId) => Promise<void>
}

/** What stays of somebody who signs out: nothing, or what waits to be sent or finished, until they are back. */
export type Leaves = 'nothing' | 'queue'

/** The ways in, and what each asks for. `signOut`: the device that makes room for this one. */
export type WaysIn = {
  guest: { name?: string }
  register: { login: string; password: string; name?: string }
  login: { login: string; password: string; signOut?: DeviceId }
  /** `show`: asks the browser for one, as the server says (`PasskeyOptionsAnswer`); undefined where it gives none. */
  passkey: { show: (answer: unknown) => Promise<ShownPasskey | undefined>; signOut?: DeviceId }
  /** By a link from the operators, with the new password. */
  reset: { code: string; password: string; signOutOthers: boolean }
}
export type Way = keyof WaysIn
/** A refusal comes with all that the server said, where it said something: `DeviceLimitAnswer` says more than a code. */
export type Entered = { ok: true; user: Me } | (Refusal & { answer?: unknown })

/**
 * `messages`: how many were compared. `differing`: how many of these are not here as on the server, or not at all. `chain`: the hashes of the
 * newest stretch of the log, recomputed; `unchecked` where not one could be.
 */
export type CheckReport =
  | { ok: true; messages: number; differing: number; chain: 'whole' | 'broken' | 'unchecked' }
  | { ok: false; code: Code }
  /** What is kept here can't be read. */
  | { ok: false; code: 'UNREADABLE' }

/** What screens ask for about files. */
export type FilesAtHand = {
  /** A file that somebody chose, as it may go with a message; refused where it can't. It is at hand until it was sent or let go. */
  choose: (file: File) => Promise<FileFacts | { fault: 'empty' | 'tooBig' }>
  letGo: (id: FileId) => void
  /** Where it can be fetched for the next minutes, without a token; undefined where that can't be said now, or nobody may. `isLost`: the last answer was no good. */
  addressOf: (id: FileId, isLost?: boolean) => Promise<string | undefined>
}

/** What can't be queued: answered at once or refused with a code. `E_TIMEOUT` when the server can't be reached. */
export type Api = {
  createGroup: (name: string, members: UserId[]) => Promise<Reply<{ conversation: ConversationFacts }>>
  /** Opens or creates the one direct conversation with this person. */
  openDirect: (user: UserId) => Promise<Reply<{ conversation: ConversationFacts }>>
  /** No notifications from there any more, on none of this person's devices; or again. */
  mute: (conv: ConversationId, muted: boolean) => Promise<Reply>
  renameConversation: (conv: ConversationId, name: string) => Promise<Reply>
  chooseGroupPicture: (conv: ConversationId, jpeg: string) => Promise<Reply>
  removeGroupPicture: (conv: ConversationId) => Promise<Reply>
  addMembers: (conv: ConversationId, users: UserId[]) => Promise<Reply>
  removeMember: (conv: ConversationId, user: UserId) => Promise<Reply>
  leave: (conv: ConversationId) => Promise<Reply>
  /** Agrees to what somebody asked who is not known yet. */
  acceptRequest: (conv: ConversationId) => Promise<Reply>
  createInvite: (conv: ConversationId, terms: InviteTerms) => Promise<Reply<InviteAnswer>>
  invites: (conv: ConversationId) => Promise<Reply<{ invites: InviteAnswer[] }>>
  revokeInvite: (conv: ConversationId, code: string) => Promise<Reply>
  inviteFacts: (code: string) => Promise<Reply<{ invite: InviteFacts }>>
  joinByInvite: (code: string) => Promise<Reply<{ conversation: ConversationFacts }>>
  renameMe: (name: string) => Promise<Reply<{ user: Me }>>
  /** A JPEG as base64, of `PICTURE_MAX_BYTES` and `PICTURE_MAX_PIXELS` at most. */
  choosePicture: (jpeg: string) => Promise<Reply<{ user: Me }>>
  removePicture: () => Promise<Reply<{ user: Me }>>
  /** A guest becomes a registered person, with everything they have. */
  keepAccount: (login: string, password: string) => Promise<Reply<{ user: Me }>>
  changePassword: (change: z.input<typeof PasswordRequest>) => Promise<Reply>
  /** Everything that is kept of this person, as the server says it. */
  exportData: () => Promise<Reply<{ exported: unknown }>>
  /** For good. Registered people say it is them by their password. */
  deleteAccount: (password?: string) => Promise<Reply>
  passkeys: () => Promise<Reply<{ passkeys: Passkey[] }>>
  /** What the browser is to make a passkey with; whoever adds one says that it is them. */
  passkeyOptions: (password: string) => Promise<Reply<{ options: PasskeyOptions }>>
  addPasskey: (made: MadePasskey) => Promise<Reply<{ passkeys: Passkey[] }>>
  removePasskey: (id: PasskeyId) => Promise<Reply<{ passkeys: Passkey[] }>>
  devices: () => Promise<Reply<{ devices: Device[] }>>
  signOutDevice: (device: DeviceId) => Promise<Reply>
  signOutOthers: () => Promise<Reply>
  /** Messages in own conversations, the newest first. */
  search: (query: SearchQuery) => Promise<Reply<SearchAnswer>>
  fileLinks: (ids: FileId[]) => Promise<Reply<FileLinks>>
  withdrawFile: (id: FileId) => Promise<Reply>
  /** By which push services know the server. */
  pushKey: () => Promise<Reply<{ key: string }>>
  /** This browser is told of messages while no page of it is open; at this place. */
  subscribePush: (place: PushRequest) => Promise<Reply>
  unsubscribePush: () => Promise<Reply>
  findPeople: (text: string) => Promise<Reply<{ people: Profile[] }>>
  contact: () => Promise<Reply<{ contact: Contact }>>
  setContact: (contact: Contact) => Promise<Reply>
  receipts: () => Promise<Reply<{ receipts: Receipts }>>
  setReceipts: (receipts: Receipts) => Promise<Reply>
  blocked: () => Promise<Reply<{ people: Profile[] }>>
  block: (user: UserId) => Promise<Reply>
  unblock: (user: UserId) => Promise<Reply>
  report: (about: z.input<typeof ReportRequest>) => Promise<Reply>
}

export type ClientParts = { dispatch: Dispatch; intents: Intents }

import type { Action, Dispatch } from '@reduxjs/toolkit'
import type { Code } from '#protocol/codes.ts'
import type { ConversationFacts } from '#protocol/conversation.ts'
import type { InviteFacts } from '#protocol/http.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Reply } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'

/** Hands every dispatched action to a listener until the returned function is called. */
export type Intents = { subscribe: (listener: (action: Action) => void) => () => void }

/** What the app needs of the world outside the page. One per page, made in `main.tsx`, given to the routes. */
export type Client = {
  /** Boot: finds out who is signed in. Dispatches `sessionStarted` or `nobodySignedIn`; never rejects. */
  resume: () => Promise<void>
  /** Dispatches `sessionStarted` on success. */
  continueAsGuest: (name?: string) => Promise<Reply<{ user: Me }>>
  /** Ends the session on the server when it can be reached, forgets it here in any case. Dispatches `signedOut`. */
  signOut: () => Promise<void>
  /** The live tie of the signed-in person: opens it and returns its close, which undoes all of it. Called by the route hook alone. */
  open: (me: Me) => () => void
  /** Resolves true when all that was written, drafts of a moment ago aside, would be there after a reload. */
  isKept: () => Promise<boolean>
  /** Compares what is kept here of a conversation with the server, and reads it anew where they differ. */
  check: (conv: ConversationId) => Promise<CheckReport>
  api: Api
}

/**
 * `messages`: how many were compared. `differing`: how many of these are not here as on the server, or not at all. `chain`: the hashes of the
 * newest stretch of the log, recomputed; `unchecked` where not one could be.
 */
export type CheckReport = { ok: true; messages: number; differing: number; chain: 'whole' | 'broken' | 'unchecked' } | { ok: false; code: Code }

/** What can't be queued: answered at once or refused with a code. `E_TIMEOUT` when the server can't be reached. */
export type Api = {
  createGroup: (name: string, members: UserId[]) => Promise<Reply<{ conversation: ConversationFacts }>>
  /** Opens or creates the one direct conversation with this person. */
  openDirect: (user: UserId) => Promise<Reply<{ conversation: ConversationFacts }>>
  renameConversation: (conv: ConversationId, name: string) => Promise<Reply>
  addMembers: (conv: ConversationId, users: UserId[]) => Promise<Reply>
  removeMember: (conv: ConversationId, user: UserId) => Promise<Reply>
  leave: (conv: ConversationId) => Promise<Reply>
  createInvite: (conv: ConversationId) => Promise<Reply<{ code: string; path: string }>>
  inviteFacts: (code: string) => Promise<Reply<{ invite: InviteFacts }>>
  joinByInvite: (code: string) => Promise<Reply<{ conversation: ConversationFacts }>>
  renameMe: (name: string) => Promise<Reply<{ user: Me }>>
}

export type ClientParts = { dispatch: Dispatch; intents: Intents }

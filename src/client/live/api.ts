import * as z from 'zod/mini'
import { ConversationAnswer, InviteAnswer, InviteFacts } from '#protocol/http.ts'
import { Me } from '#protocol/session.ts'
import type { Api } from './client.ts'
import type { Session } from './session.ts'

const Nothing = z.object({})
const at = (conv: string) => `/api/conversations/${encodeURIComponent(conv)}`

/** What is asked for over HTTP in the name of the signed-in person. */
export const openApi = (ask: Session['ask']): Api => ({
  createGroup: (name, members) => ask('POST', '/api/conversations', ConversationAnswer, { name, members }),
  openDirect: (user) => ask('POST', '/api/conversations/direct', ConversationAnswer, { user }),
  renameConversation: (conv, name) => ask('PATCH', at(conv), Nothing, { name }),
  addMembers: (conv, users) => ask('POST', `${at(conv)}/members`, Nothing, { users }),
  removeMember: (conv, user) => ask('DELETE', `${at(conv)}/members/${encodeURIComponent(user)}`, Nothing),
  leave: (conv) => ask('POST', `${at(conv)}/leave`, Nothing),
  createInvite: (conv) => ask('POST', `${at(conv)}/invites`, InviteAnswer),
  inviteFacts: (code) => ask('GET', `/api/invites/${encodeURIComponent(code)}`, z.object({ invite: InviteFacts })),
  joinByInvite: (code) => ask('POST', `/api/invites/${encodeURIComponent(code)}/join`, ConversationAnswer),
  renameMe: (name) => ask('PATCH', '/api/me', z.object({ user: Me }), { name }),
})

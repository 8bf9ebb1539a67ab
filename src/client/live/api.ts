import * as z from 'zod/mini'
import { DevicesAnswer } from '#protocol/device.ts'
import { FileLinks } from '#protocol/fileRequests.ts'
import { ConversationAnswer, InviteAnswer, InviteFacts, InvitesAnswer } from '#protocol/http.ts'
import { PasskeyOptionsAnswer, PasskeysAnswer } from '#protocol/passkey.ts'
import { ContactAnswer, PeopleAnswer, ReceiptsAnswer } from '#protocol/people.ts'
import { PushKeyAnswer } from '#protocol/push.ts'
import { SearchAnswer } from '#protocol/search.ts'
import { Me } from '#protocol/session.ts'
import type { Api } from './client.ts'
import type { Session } from './session.ts'

const Nothing = z.object({})
const Self = z.object({ user: Me })
const Anything = z.pipe(
  z.unknown(),
  z.transform((exported) => ({ exported })),
)
/** Years of messages, over a slow line. */
const EXPORT_MS = 10 * 60_000
/** 85 kB up a very slow line. */
const PICTURE_MS = 60_000
const at = (conv: string) => `/api/conversations/${encodeURIComponent(conv)}`

/** What is asked for over HTTP in the name of the signed-in person. */
export const openApi = (ask: Session['ask']): Api => ({
  createGroup: (name, members) => ask('POST', '/api/conversations', ConversationAnswer, { name, members }),
  openDirect: (user) => ask('POST', '/api/conversations/direct', ConversationAnswer, { user }),
  renameConversation: (conv, name) => ask('PATCH', at(conv), Nothing, { name }),
  addMembers: (conv, users) => ask('POST', `${at(conv)}/members`, Nothing, { users }),
  removeMember: (conv, user) => ask('DELETE', `${at(conv)}/members/${encodeURIComponent(user)}`, Nothing),
  leave: (conv) => ask('POST', `${at(conv)}/leave`, Nothing),
  mute: (conv, muted) => ask('POST', `${at(conv)}/mute`, Nothing, { muted }),
  acceptRequest: (conv) => ask('POST', `${at(conv)}/accept`, Nothing),
  createInvite: (conv, terms) => ask('POST', `${at(conv)}/invites`, InviteAnswer, terms),
  invites: (conv) => ask('GET', `${at(conv)}/invites`, InvitesAnswer),
  revokeInvite: (conv, code) => ask('DELETE', `${at(conv)}/invites/${encodeURIComponent(code)}`, Nothing),
  inviteFacts: (code) => ask('GET', `/api/invites/${encodeURIComponent(code)}`, z.object({ invite: InviteFacts })),
  joinByInvite: (code) => ask('POST', `/api/invites/${encodeURIComponent(code)}/join`, ConversationAnswer),
  renameMe: (name) => ask('PATCH', '/api/me', Self, { name }),
  chooseGroupPicture: (conv, jpeg) => ask('POST', `${at(conv)}/picture`, Nothing, { jpeg }, PICTURE_MS),
  removeGroupPicture: (conv) => ask('DELETE', `${at(conv)}/picture`, Nothing),
  choosePicture: (jpeg) => ask('POST', '/api/me/picture', Self, { jpeg }, PICTURE_MS),
  removePicture: () => ask('DELETE', '/api/me/picture', Self),
  keepAccount: (login, password) => ask('POST', '/api/me/account', Self, { login, password }),
  changePassword: (change) => ask('POST', '/api/me/password', Nothing, change),
  exportData: () => ask('GET', '/api/me/export', Anything, undefined, EXPORT_MS),
  deleteAccount: (password) => ask('POST', '/api/me/delete', Nothing, password === undefined ? {} : { password }),
  passkeys: () => ask('GET', '/api/me/passkeys', PasskeysAnswer),
  passkeyOptions: (password) => ask('POST', '/api/me/passkeys/options', PasskeyOptionsAnswer, { password }),
  addPasskey: (made) => ask('POST', '/api/me/passkeys', PasskeysAnswer, { made }),
  removePasskey: (id) => ask('DELETE', `/api/me/passkeys/${id}`, PasskeysAnswer),
  devices: () => ask('GET', '/api/devices', DevicesAnswer),
  signOutDevice: (device) => ask('DELETE', `/api/devices/${encodeURIComponent(device)}`, Nothing),
  signOutOthers: () => ask('POST', '/api/devices/sign-out-others', Nothing),
  search: (query) => {
    const wanted = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
    return ask('GET', `/api/search?${new URLSearchParams(wanted).toString()}`, SearchAnswer)
  },
  fileLinks: (ids) => ask('POST', '/api/files/links', FileLinks, { ids }),
  withdrawFile: (id) => ask('DELETE', `/api/files/${id}`, Nothing),
  pushKey: () => ask('GET', '/api/push', PushKeyAnswer),
  subscribePush: (place) => ask('POST', '/api/push', Nothing, place),
  unsubscribePush: () => ask('DELETE', '/api/push', Nothing),
  findPeople: (text) => ask('GET', `/api/people?q=${encodeURIComponent(text)}`, PeopleAnswer),
  contact: () => ask('GET', '/api/me/contact', ContactAnswer),
  setContact: (contact) => ask('POST', '/api/me/contact', ContactAnswer, { contact }),
  receipts: () => ask('GET', '/api/me/receipts', ReceiptsAnswer),
  setReceipts: (receipts) => ask('POST', '/api/me/receipts', ReceiptsAnswer, { receipts }),
  blocked: () => ask('GET', '/api/blocks', PeopleAnswer),
  block: (user) => ask('POST', '/api/blocks', Nothing, { user }),
  unblock: (user) => ask('DELETE', `/api/blocks/${encodeURIComponent(user)}`, Nothing),
  report: (about) => ask('POST', '/api/reports', Nothing, about),
})

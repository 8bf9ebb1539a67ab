import type { Profile } from '#protocol/conversation.ts'
import type { RootState } from '#client/store/reducer.ts'
import { t } from '#client/words/t.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { selectTimeline } from './messages.ts'
import { remembered } from './remembered.ts'
import { selectMe } from './session.ts'

/** Somebody one shares a conversation with. */
export type Acquaintance = { id: UserId; name: string }

const listFor = remembered((byId: RootState['conversations']['byId'], conv: ConversationId | null, me: UserId | undefined): Acquaintance[] => {
  const names = new Map<UserId, string>()
  for (const { facts } of Object.values(byId)) {
    if (conv !== null && facts.id !== conv) continue
    for (const { id, name } of facts.members) names.set(id, id === me ? t('Me') : name)
  }
  return [...names].map(([id, name]) => ({ id, name })).sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name))
})

/** Everybody in the conversations of the person, or in one of them; oneself first, the others by name. Of large ones only those that are listed. */
export const selectAcquaintances = (state: RootState, conv: ConversationId | null): Acquaintance[] =>
  listFor(state.conversations.byId, conv, selectMe(state)?.id)

const NOBODY: readonly Acquaintance[] = []

const mentionableIn = remembered((members: readonly Acquaintance[], messages: readonly ChatMessage[]): readonly Acquaintance[] => {
  const names = new Map(members.map(({ id, name }) => [id, { id, name }]))
  // large conversations don't list their members: whoever wrote something that is in sight can be mentioned there
  for (const { sender, senderName } of messages.toReversed()) if (!names.has(sender)) names.set(sender, { id: sender, name: senderName })
  return [...names.values()]
})

/** Who can be mentioned in a conversation, oneself included; the members first, then those who wrote last. */
export function selectMentionable(state: RootState, conv: ConversationId): readonly Acquaintance[] {
  const members = state.conversations.byId[conv]?.facts.members ?? NOBODY
  return mentionableIn(members, selectTimeline(state, conv).messages)
}

/** Somebody as some conversation knows them, or as they last wrote; undefined: nothing is known of them here. */
export function selectPerson(state: RootState, id: UserId): Profile | undefined {
  for (const { facts } of Object.values(state.conversations.byId)) {
    const member = facts.members.find((one) => one.id === id)
    if (member) return member
  }
  for (const { messages } of Object.values(state.messages.byConv)) {
    const written = messages.findLast(({ sender }) => sender === id)
    if (written) return writerOf(written)
  }
  return undefined
}

const writerOf = remembered(({ sender, senderName }: ChatMessage): Profile => ({ id: sender, name: senderName, isGuest: false }))

/** Groups that somebody is a member of, as far as their members are known. */
export const selectGroupsWith = (state: RootState, id: UserId | undefined): readonly { id: ConversationId; title: string }[] =>
  groupsWith(state.conversations.byId, id)

const groupsWith = remembered((byId: RootState['conversations']['byId'], id: UserId | undefined) =>
  Object.values(byId)
    .filter(({ facts }) => facts.kind === 'group' && facts.members.some((member) => member.id === id))
    .map(({ facts }) => ({ id: facts.id, title: facts.name }))
    .sort((a, b) => a.title.localeCompare(b.title)),
)

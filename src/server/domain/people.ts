import type { Person, Profile } from '#protocol/conversation.ts'
import type { PictureId, UserId } from '#protocol/ids.ts'
import { PEOPLE_MAX } from '#protocol/limits.ts'
import type { Contact, Receipts } from '#protocol/people.ts'
import type { Me } from '#protocol/session.ts'
import { Refused, type ReadTx, type Tx, type UserRow } from '#server/storage/store.ts'
import { factsChanged } from './changedFacts.ts'
import type { Core, Identity, Notice } from './core.ts'
import { isBlockedBetween } from './membership.ts'
import { demand, type Action } from './rules.ts'
import { write } from './write.ts'

/** A person as a log tells of them. */
export const personFrom = ({ id, name, login, deletedAt }: UserRow): Person => ({ id, name, isGuest: login === null && deletedAt === null })

/** No more of a person than a log tells: for what is kept, and between people who have not agreed to know each other. */
export const withoutPicture = ({ id, name, isGuest }: Profile): Person => ({ id, name, isGuest })

/** A person as others see them now. */
export const profileFrom = (user: UserRow): Profile => ({ ...personFrom(user), ...(user.picture !== null && { picture: user.picture }) })

/** A person as they see themselves, with everything there is to be allowed. */
export function meFrom(user: UserRow): Me {
  return { ...profileFrom(user), permissions: ['message:send', 'group:create', 'invite:create'] }
}

/** The asking person as they see themselves. */
export async function meOf(core: Core, who: Identity): Promise<Me> {
  return core.store.read(async (tx) => meFrom(await askerOf(tx, who)))
}

/** A new name, for the person's other devices at once, for everybody else with new messages and with their next heads. */
export async function renameMe(core: Core, who: Identity, { name }: { name: string }): Promise<Me> {
  return write(core, async (tx, tell) => {
    const user = await askerOf(tx, who)
    if (user.name === name) return meFrom(user)
    await tx.updateUser(user.id, { name })
    await tellProfile(core, tx, tell, user.id, { name })
    return meFrom({ ...user, name })
  })
}

/** Another picture or none, told as a new name is. A JPEG as base64. */
export async function setPicture(core: Core, who: Identity, jpeg: string | null): Promise<Me> {
  return write(core, async (tx, tell) => {
    const user = await askerOf(tx, who)
    if (user.picture === null && jpeg === null) return meFrom(user)
    const chosen = jpeg === null ? null : { id: core.newId() as PictureId, jpeg }
    await showAs(core, tx, tell, user, chosen)
    return meFrom({ ...user, picture: chosen?.id ?? null })
  })
}

/** Shows somebody by this picture from now on, or by none, and tells so. */
export async function showAs(
  core: Core,
  tx: Tx,
  tell: (notice: Notice) => void,
  { id, name }: UserRow,
  picture: { id: PictureId; jpeg: string } | null,
): Promise<void> {
  await tx.setPicture(id, picture)
  await tellProfile(core, tx, tell, id, { name, picture: picture?.id ?? null })
}

/** The JPEG of a picture that somebody has now, as base64; throws `E_NOT_FOUND`. Its name can't be guessed: whoever knows it has been shown it. */
export async function pictureOf(core: Core, id: PictureId): Promise<string> {
  const jpeg = await core.store.read((tx) => tx.picture(id))
  if (jpeg === undefined) throw new Refused('E_NOT_FOUND')
  return jpeg
}

async function tellProfile(
  core: Core,
  tx: Tx,
  tell: (notice: Notice) => void,
  user: UserId,
  profile: { name: string; picture?: PictureId | null },
): Promise<void> {
  for (const { conversation } of await tx.conversationsOf(user)) await factsChanged(tx, conversation.id)
  tell({ kind: 'user', user, event: await tx.appendUserEvent(user, { kind: 'profile', ...profile }, core.now()) })
}

/** The asking person; throws `E_NOT_FOUND` once they have deleted their account, which may be while they ask. */
export async function askerOf(tx: ReadTx, { user: id }: Pick<Identity, 'user'>): Promise<UserRow> {
  const user = await tx.user(id)
  if (!user || user.deletedAt !== null) throw new Refused('E_NOT_FOUND')
  return user
}

/** Somebody the asking person wants to do this to; throws what `RULES` say when they may not. */
export async function personFor(tx: ReadTx, who: Identity, action: Action, id: UserId): Promise<UserRow> {
  const person = await tx.user(id)
  const isBlocked = await isBlockedBetween(tx, who.user, id)
  demand(action, { who, person, isBlocked, isWelcome: person === undefined || (await isWelcome(tx, who, person)) })
  return person!
}

async function isWelcome(tx: ReadTx, who: Identity, { id, contact }: UserRow): Promise<boolean> {
  return contact === 'anyone' || (contact === 'shared' && (await tx.shareGroup(who.user, id)))
}

/** People to write to, by the beginning of a word of their name: nobody who would not want to hear from the asking one. */
export async function findPeople(core: Core, who: Identity, { text }: { text: string }): Promise<Profile[]> {
  return core.store.read(async (tx) => {
    const found: Profile[] = []
    for (const person of await tx.peopleLike(who.tenant, text, LOOK_AT_MAX)) {
      if (found.length === PEOPLE_MAX) break
      const isBlocked = await isBlockedBetween(tx, who.user, person.id)
      const isReachable = (await tx.directBetween(who.user, person.id)) !== undefined || (await isWelcome(tx, who, person))
      if (person.id !== who.user && !isBlocked && isReachable) found.push(profileFrom(person))
    }
    return found
  })
}

/** Of so many who fit, those who want to be found are picked. */
const LOOK_AT_MAX = 200

export async function contactOf(core: Core, who: Identity): Promise<Contact> {
  return core.store.read(async (tx) => (await askerOf(tx, who)).contact)
}

/** Who may begin to write to the asking person. What was begun goes on. */
export async function setContact(core: Core, who: Identity, contact: Contact): Promise<void> {
  await write(core, (tx) => tx.updateUser(who.user, { contact }))
}

export async function receiptsOf(core: Core, who: Identity): Promise<Receipts> {
  return core.store.read(async (tx) => (await askerOf(tx, who)).receipts)
}

/** Whether the others are told what the asking person reads from now on. What they were told stays told. */
export async function setReceipts(core: Core, who: Identity, receipts: Receipts): Promise<void> {
  await write(core, (tx) => tx.updateUser(who.user, { receipts }))
}

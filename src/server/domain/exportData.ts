import { PAGE_MAX } from '#protocol/limits.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { blockedBy } from './blocks.ts'
import { conversationsOf } from './conversations.ts'
import type { Core, Identity } from './core.ts'
import { devicesOf } from './devices.ts'
import { passkeysOf } from './passkeys.ts'
import { askerOf, withoutPicture } from './people.ts'

/**
 * Everything that is kept of a person and for them, as one JSON text in pieces: who they are, where they are signed in, whom they have blocked,
 * and every conversation with every message they may see. A long one is read page by page, and is of the moments in which it was read.
 */
export async function* exportData(core: Core, who: Identity): AsyncGenerator<string> {
  const { login, name, contact, receipts, jpeg, createdAt, lastLoginAt } = await core.store.read(async (tx) => {
    const user = await askerOf(tx, who)
    return { ...user, jpeg: user.picture && (await tx.picture(user.picture)) }
  })
  const devices = (await devicesOf(core, who)).map(({ label, signedInAt, lastSeenAt }) => ({ label, signedInAt, lastSeenAt }))
  const passkeys = (await passkeysOf(core, who)).map(({ label, madeAt, usedAt }) => ({ label, madeAt, usedAt }))
  const picture = jpeg ? `data:image/jpeg;base64,${jpeg}` : null
  const person = { id: who.user, tenant: who.tenant, login, name, contact, receipts, picture, createdAt, lastLoginAt }
  const beginning = { exportedAt: core.now(), person, devices, passkeys, blocked: (await blockedBy(core, who)).map(withoutPicture) }
  yield `${JSON.stringify(beginning).slice(0, -1)},"conversations":[`
  for (const [n, { id, kind, name: title, role, createdAt: begun, visibleFrom, members }] of (await conversationsOf(core, who)).entries()) {
    const facts = { id, kind, name: title, role, createdAt: begun, members: members.map((member) => member.name) }
    yield `${n > 0 ? ',' : ''}${JSON.stringify(facts).slice(0, -1)},"messages":[`
    let after = visibleFrom
    for (let isFirst = true; ; isFirst = false) {
      const page = await core.store.read((tx) => tx.messages(id, { after, before: Number.MAX_SAFE_INTEGER, limit: PAGE_MAX, from: 'start' }))
      const last = page.at(-1)
      if (!last) break
      yield `${isFirst ? '' : ','}${page.map(asExported).join(',')}`
      after = last.seq
    }
    yield ']}'
  }
  yield ']}\n'
}

const asExported = ({ seq, sender, senderName, body, sentAt, at, editedAt, deletedAt, reactions, replyTo }: ChatMessage): string =>
  JSON.stringify({ seq, sender, senderName, body, sentAt, at, editedAt, deletedAt, reactions, replyTo })

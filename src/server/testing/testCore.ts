import { createHash } from 'node:crypto'
import {
  uuidv7,
  type ClientId,
  type ConversationId,
  type DeviceId,
  type OperationId,
  type SessionId,
  type TabId,
  type UserId,
} from '#protocol/ids.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import type { Store } from '#server/storage/store.ts'
import { withoutText } from '#server/domain/asSeenBy.ts'
import type { Core, Identity, Notice } from '#server/domain/core.ts'
import { createGuest } from '#server/domain/sessions.ts'

/** The rules over a real store, with a clock that stands still until it is moved and everything published on record. */
export type TestCore = Core & {
  notices: Notice[]
  /** What a person was told of a conversation's log since the start, in the order of telling. */
  heard: (user: UserId, conv: ConversationId) => Extract<Notice, { kind: 'log' }>['events']
  advance: (ms: number) => void
  /** A new guest as the edge would identify them. */
  person: (name: string, tenant?: string) => Promise<Identity & { name: string }>
  draft: (body: string, more?: Partial<MessageDraft>) => MessageDraft
  clientId: () => ClientId
  opId: () => OperationId
  /** Of a conversation that does not exist. */
  unknownConversation: () => ConversationId
}

const START = Date.UTC(2026, 0, 1)

export async function openTestCore(
  openStore: (newId: () => string) => Promise<Store> = (newId) => openSqliteStore({ dir: ':memory:', newId }),
): Promise<TestCore> {
  let now = START
  let counter = 0
  // Ids that differ and sort by age, without chance: the same test makes the same ids.
  const newId = () => uuidv7(now, (bytes) => new DataView(bytes.buffer).setUint32(12, ++counter))
  const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
  const notices: Notice[] = []
  const core: Core = { store: await openStore(newId), publish: (notice) => void notices.push(notice), now: () => now, newId, sha256 }
  return {
    ...core,
    notices,
    heard: (user, conv) =>
      notices.flatMap((notice) => {
        if (notice.kind !== 'log' || notice.conv !== conv) return []
        return notice.recipients.includes(user) ? notice.events : notice.unseeing?.includes(user) ? notice.events.map(withoutText) : []
      }),
    advance: (ms) => void (now += ms),
    async person(name, tenant) {
      const device = newId() as DeviceId
      const { user, session } = await createGuest(core, { name, device, tokenHash: sha256(newId()), ...(tenant === undefined ? {} : { tenant }) })
      return {
        name,
        user: user.id,
        tenant: user.tenant,
        session: session.id satisfies SessionId,
        device,
        tab: newId() as TabId,
        permissions: ['message:send', 'group:create', 'invite:create'],
      }
    },
    draft: (body, more) => ({ clientId: newId() as ClientId, body, sentAt: now, ...more }),
    clientId: () => newId() as ClientId,
    opId: () => newId() as OperationId,
    unknownConversation: () => newId() as ConversationId,
  }
}

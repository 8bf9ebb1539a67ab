import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { applyOperation } from './applyOperation.ts'
import { addMembers, createGroup, mute } from './conversations.ts'
import { deleteAccount } from './farewells.ts'
import { removeMember } from './leaving.ts'
import { mark } from './marks.ts'
import { postMessages } from './postMessages.ts'
import { subscribe, takePushes, unsubscribe } from './pushes.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

let core: TestCore
let ann: Person
let bob: Person
let conv: ConversationId

const subscribes = (who: Person) => subscribe(core, who, { endpoint: `https://push.example.org/${who.user}`, keys: { p256dh: 'p', auth: 'a' } })
const writes = async (who: Person, body: string): Promise<MessageId> => {
  const { results } = await postMessages(core, who, { conv, messages: [core.draft(body)] })
  return (results[0] as { id: MessageId }).id
}
const takes = async (isThere = () => false) => (await takePushes(core, conv, isThere)).map(({ news }) => [news.user, news.count, news.newest.body])

beforeEach(async () => {
  core = await openTestCore()
  ann = await core.person('Ann')
  bob = await core.person('Bob')
  conv = (await createGroup(core, bob, { name: 'Trees', members: [ann.user] })).id
  await subscribes(ann)
  await subscribes(bob)
})

describe('what a browser is owed', () => {
  it('is the newest message of others and how many are unread, once', async () => {
    await writes(bob, 'one')
    await writes(ann, 'mine')
    await writes(bob, 'two')
    expect(await takes()).toEqual([
      [ann.user, 2, 'two'],
      [bob.user, 1, 'mine'],
    ])
    expect(await takes()).toEqual([])
    await writes(bob, 'three')
    expect(await takes()).toEqual([[ann.user, 3, 'three']])
  })

  it('is nothing that was read, deleted or muted, and nothing from before one came or after one went', async () => {
    await writes(bob, 'read')
    await mark(core, ann, { conv, read: 1 })
    expect(await takes()).toEqual([])

    const id = await writes(bob, 'deleted')
    await applyOperation(core, bob, { conv, operation: { kind: 'delete', opId: core.opId(), target: { id } } })
    expect(await takes()).toEqual([])

    await mute(core, ann, { conv, muted: true })
    await writes(bob, 'muted')
    expect(await takes()).toEqual([])
    await mute(core, ann, { conv, muted: false })
    expect(await takes()).toEqual([])

    const cy = await core.person('Cy')
    await subscribes(cy)
    await writes(bob, 'before Cy')
    await addMembers(core, bob, { conv, users: [cy.user] })
    await removeMember(core, bob, { conv, user: ann.user })
    expect(await takes()).toEqual([])
  })

  it('is nothing where a page is connected, unless no device has stored it', async () => {
    await writes(bob, 'stored')
    await mark(core, ann, { conv, delivered: 1 })
    expect(await takes(() => true)).toEqual([])
    await writes(bob, 'on a dead line')
    expect(await takes(() => true)).toEqual([[ann.user, 2, 'on a dead line']])
  })

  it('is what the browser last said, also when news of an older place comes late', async () => {
    await subscribe(core, ann, { endpoint: 'https://push.example.org/newer', keys: { p256dh: 'p', auth: 'a' } })
    await unsubscribe(core, ann.session, `https://push.example.org/${ann.user}`)
    await writes(bob, 'hello')
    expect((await takePushes(core, conv, () => false)).map(({ to }) => to.endpoint)).toEqual(['https://push.example.org/newer'])
    await unsubscribe(core, ann.session, 'https://push.example.org/newer')
    await writes(bob, 'nobody')
    expect(await takes()).toEqual([])
  })

  it('is nothing to whoever is no more', async () => {
    await deleteAccount(core, ann)
    await writes(bob, 'to nobody')
    expect(await takes()).toEqual([])
  })

  it('is short, whatever was written', async () => {
    await writes(bob, `${'x'.repeat(299)}👍`)
    const [push] = await takePushes(core, conv, () => false)
    expect(push!.news.newest.body).toBe('x'.repeat(299))
  })
})

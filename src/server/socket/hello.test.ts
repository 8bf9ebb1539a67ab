import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { newId } from '#server/edge/chance.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { dial, draft, join, until } from '#server/testing/dial.ts'
import { fatefulStore, startNode } from '#server/testing/startNode.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

let server: TestServer
beforeEach(
  async () => void (server = await startServer({ env: { LIMIT_MESSAGES: '100000/100000', LOG_LEVEL: 'error' }, timing: { PRESENCE_GRACE_MS: 50 } })),
)
afterEach(() => server.stop())

describe('hello', () => {
  it('leaves no hole between where a conversation stands and what is heard from then on, in a storm of messages', async () => {
    const writer = await join(server, 'Ann')
    let storms = true
    const storm = (async () => {
      while (storms) await writer.get('message:send', { conv: LOBBY, messages: [draft('drop')] })
    })()

    for (let n = 0; n < 30; n++) {
      const caller = await dial(server, await server.guest(), { hello: false })
      const { heads } = await caller.get('hello', { epoch: null, urev: 0, convs: {} })
      const { rev } = heads[LOBBY]!
      const revs = () => caller.heard('log:events').flatMap(({ events }) => events.map((event) => event.rev))
      await until(() => revs().some((each) => each > rev + 3))
      // whatever was heard before the answer is at most what the answer knows of
      const after = revs().filter((each) => each > rev)
      expect(after).toEqual(after.map((_, i) => rev + 1 + i))
      caller.hangUp()
    }
    storms = false
    await storm
    writer.hangUp()
  })

  it('listens before it looks: what is committed while it is answered comes as a push', async () => {
    const database = await openSqliteStore({ dir: ':memory:', newId })
    const { store, nextLook } = fatefulStore(database)
    const node = await startNode({ store })
    const writer = await dial(node, await node.guest('Ann'))
    const caller = await dial(node, await node.guest('Bob'), { hello: false })
    let goOn = () => {}
    const looked = new Promise<void>((hasLooked) => {
      nextLook(async (look) => {
        const seen = await look()
        hasLooked()
        await new Promise<void>((resolve) => (goOn = resolve))
        return seen
      })
    })
    const greeted = caller.get('hello', { epoch: null, urev: 0, convs: {} })
    await looked
    const { results } = await writer.get('message:send', { conv: LOBBY, messages: [draft('in between')] })
    goOn()
    const { heads } = await greeted
    // the answer is of before …
    expect(results).toMatchObject([{ rev: heads[LOBBY]!.rev + 1 }])
    // … and whatever was pushed is here before the answer to what was asked after it
    await caller.get('probe', { t: 1 })
    expect(caller.heard('log:events')).toMatchObject([{ events: [{ message: { body: 'in between' } }] }])
    for (const each of [writer, caller]) each.hangUp()
    await node.stop()
    await database.close()
  })
})

describe('when somebody was last seen', () => {
  it('is known after a restart', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    const user = ann.guest.user.id
    ann.hangUp()
    await until(async () => (await bob.get('presence:watch', { users: [user] })).states[0]?.state === 'offline')
    const before = (await bob.get('presence:watch', { users: [user] })).states
    expect(before[0]?.lastSeen).toEqual(expect.any(Number))
    await server.restart()
    const back = await dial(server, bob.guest)
    expect((await back.get('presence:watch', { users: [user] })).states).toEqual(before)
    back.hangUp()
  })
})

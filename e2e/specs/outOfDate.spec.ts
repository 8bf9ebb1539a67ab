import { expect, test as base } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

type OldPage = { ann: Person; grows: (to: 'old' | 'new') => void; loads: () => number; nextLoadIsNew: () => void }

/** Ann's page may speak a version of the protocol that the server no longer does: what it says of itself is changed on the way out. */
const test = base.extend<{ old: OldPage }>({
  old: async ({ newPerson }, lend) => {
    let isOld = false
    let isRenewed = false
    let loads = 0
    const ann = await newPerson('Ann')
    await ann.page.routeWebSocket(/\/socket\.io\//, (client) => {
      const server = client.connectToServer()
      client.onMessage((frame) => server.send(isOld && typeof frame === 'string' ? frame.replace('"proto":[1,1]', '"proto":[0,0]') : frame))
    })
    ann.page.on('request', (request) => {
      if (!request.isNavigationRequest()) return
      loads++
      if (isRenewed) isOld = false
    })
    await ann.continuesAsGuest()
    loads = 0
    const grows = (to: 'old' | 'new') => {
      isOld = to === 'old'
    }
    await lend({ ann, grows, loads: () => loads, nextLoadIsNew: () => (isRenewed = true) })
  },
})

test('a page that became too old reloads itself, and nothing that was written or begun is lost', async ({ old, bob }) => {
  const { ann, grows, loads, nextLoadIsNew } = old
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.writes('written without a server')
  await ann.sees('written without a server', 'queued')
  await ann.composer.fill('half a thought')
  grows('old')
  nextLoadIsNew()
  ann.line.pass()
  await bob.sees('written without a server')
  await ann.connectionIs('live')
  await ann.sees('written without a server', 'sent')
  await expect(ann.composer).toHaveValue('half a thought')
  expect(loads()).toBe(1)
  expect((await bob.messages()).length).toBe(1)
})

test('a page that is as old after it has reloaded itself stays, says so, and leaves the rest to a button', async ({ old, bob }) => {
  const { ann, grows, loads } = old
  grows('old')
  ann.line.cut()
  await expect.poll(loads).toBe(1)
  await ann.connectionIs('refused')
  await expect(ann.banner).toContainText('This page is out of date. Reload it to continue.')
  // more time than it took to reload the first time
  for (const text of ['one', 'two', 'three']) {
    await ann.writes(text)
    await ann.sees(text, 'queued')
    await bob.writes(`meanwhile, ${text}`)
    await bob.sees(`meanwhile, ${text}`, 'sent')
  }
  expect(loads()).toBe(1)
  grows('new')
  await ann.banner.getByRole('button', { name: 'Reload' }).click()
  await bob.seesInOrder(['one', 'two', 'three'])
  expect(loads()).toBe(2)
})

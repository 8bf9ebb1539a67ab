import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test as base } from '#e2e/support/fixtures.ts'
import { openLine } from '#e2e/support/line.ts'
import { Person } from '#e2e/support/person.ts'
import { freePort } from '#e2e/support/server.ts'

type Portal = { ann: Person; catches: () => void; letsPass: () => void; answered: () => number }

/** Ann in a café whose network may answer everything, WebSockets too, with its own page and status 200. */
const test = base.extend<{ cafe: Portal }>({
  cafe: async ({ browser, server }, lend) => {
    let answered = 0
    const portal = createServer((_, response) => {
      answered++
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome to the café</title><h1>Accept our terms</h1>')
    })
    const port = await freePort()
    portal.listen(port, '127.0.0.1')
    await once(portal, 'listening')
    // read by the line at each new connection
    const leadsTo = { host: server.host, port: server.port }
    const line = await openLine({ to: leadsTo })
    const context = await browser.newContext()
    const ann = new Person({ name: 'Ann', page: await context.newPage(), line, origin: line.url })
    const lead = (to: number) => {
      leadsTo.port = to
      line.cut()
    }
    await lend({ ann, catches: () => lead(port), letsPass: () => lead(server.port), answered: () => answered })
    await context.close()
    await line.close()
    portal.closeAllConnections()
    portal.close()
    expect(ann.faults).toEqual([])
  },
})

test.describe('with a token that has to be renewed', () => {
  test.use({ settings: { ACCESS_TOKEN_TTL_MS: '2000' } })

  test('behind a portal that answers everything with a page words wait, nobody is signed out, and all goes when the portal lets pass', async ({
    cafe: { ann, catches, letsPass, answered },
    bob,
  }) => {
    await ann.continuesAsGuest()
    const who = await ann.userId()
    await ann.writes('before the portal')
    await bob.sees('before the portal')
    catches()
    await ann.connectionIs('reconnecting')
    await ann.page.evaluate(() => {
      const seen = new Set<string>()
      new MutationObserver(() => seen.add(document.documentElement.dataset['connection'] ?? '')).observe(document.documentElement, {
        attributes: true,
      })
      Object.assign(window, { seen })
    })
    for (const text of ['one', 'two']) {
      await ann.writes(text)
      await ann.sees(text, 'queued')
    }
    await expect(ann.banner).toContainText("Can't reach the server.")
    await expect(ann.banner).toContainText('This network may want you to sign in.')
    await expect(ann.banner).toContainText("2 messages will send when you're back.")
    expect(answered()).toBeGreaterThan(2)
    const seen = await ann.page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen])
    for (const untrue of ['live', 'syncing', 'signed-out', 'refused']) expect(seen).not.toContain(untrue)
    for (const text of ['one', 'two']) await ann.sees(text, 'queued')

    await ann.retriesNowThat(letsPass)
    await ann.connectionIs('live')
    await expect(ann.banner).not.toContainText('sign in')
    await bob.seesInOrder(['before the portal', 'one', 'two'])
    for (const text of ['one', 'two']) await ann.sees(text, 'sent')
    expect(await ann.userId()).toBe(who)
    expect((await bob.messages()).length).toBe(3)
  })
})

test('a portal is named also when only handshakes meet it, and no more from the first answer of the server’s own', async ({
  cafe: { ann, catches, letsPass },
}) => {
  // where a WebSocket is refused it is polling that meets the portal; what does that came from the server before
  const polling = ann.page.waitForResponse(/\/assets\/polling-.*\.js$/)
  await ann.continuesAsGuest()
  await polling
  catches()
  await expect(ann.banner).toContainText("Can't reach the server. This network may want you to sign in.")
  await ann.retriesNowThat(letsPass)
  await expect(ann.banner).not.toContainText('sign in')
  await ann.connectionIs('live')

  // the next trouble is not a portal's
  ann.line.refuse()
  await expect(ann.banner).toContainText("Can't reach the server.")
  await expect(ann.banner).not.toContainText('sign in')
})

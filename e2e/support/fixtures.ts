import { type Browser, type LaunchOptions, test as base, expect } from '@playwright/test'
import { openLine } from './line.ts'
import { type OwnBrowser, ownBrowser } from './ownBrowser.ts'
import { Person } from './person.ts'
import { type TestServer, startServer } from './server.ts'

export { expect }

type Options = {
  /** The name the browser knows the server by. Browsers treat loopback by name and by number differently, and any other name as a network’s. */
  host: '127.0.0.1' | 'localhost' | 'tidemark.lan'
  /** Settings of this test's server. */
  settings: Record<string, string>
}

type House = {
  /** Of this test alone, with a lobby of its own. */
  server: TestServer
  /** Somebody new, with a browser and a line of their own, not yet at the door. */
  newPerson: (name: string) => Promise<Person>
  /** A browser of Ann's own with a profile on disk, not started yet. */
  newBrowser: (options?: LaunchOptions) => Promise<OwnBrowser>
  /** Two guests in the lobby, live. */
  ann: Person
  bob: Person
}

async function entered(person: Person): Promise<Person> {
  await person.continuesAsGuest()
  return person
}

async function arrive(name: string, { browser, server, host }: { browser: Browser; server: TestServer; host: string }) {
  const line = await openLine({ to: server })
  const context = await browser.newContext()
  return new Person({ name, page: await context.newPage(), line, origin: `http://${host}:${line.port}` })
}

export const test = base.extend<Options & House>({
  host: ['127.0.0.1', { option: true }],
  settings: [{}, { option: true }],

  server: async ({ settings }, lend, testInfo) => {
    const server = await startServer({ env: settings })
    await lend(server)
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server.log', {
        body: server
          .logs()
          .map((line) => JSON.stringify(line))
          .join('\n'),
        contentType: 'text/plain',
      })
    }
    await server.close()
  },

  newPerson: async ({ browser, server, host }, lend) => {
    const people: Person[] = []
    await lend(async (name) => {
      const person = await arrive(name, { browser, server, host })
      people.push(person)
      return person
    })
    for (const person of people) {
      await person.page.context().close()
      await person.line.close()
    }
    expect(
      people.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`)),
      'no page had an uncaught error',
    ).toEqual([])
  },

  newBrowser: async ({ server, launchOptions }, lend) => {
    const browsers: OwnBrowser[] = []
    await lend(async (options) => {
      const browser = await ownBrowser({ to: server, name: 'Ann', options: { ...launchOptions, ...options } })
      browsers.push(browser)
      return browser
    })
    for (const browser of browsers) await browser.close()
    expect(
      browsers.flatMap((browser) => browser.faults()),
      'no page had an uncaught error',
    ).toEqual([])
  },

  ann: async ({ newPerson }, lend) => lend(await entered(await newPerson('Ann'))),
  bob: async ({ newPerson }, lend) => lend(await entered(await newPerson('Bob'))),
})

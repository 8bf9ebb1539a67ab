import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { openBrowser, until, type Tab } from '#testing/browser.ts'

let server: TestServer
const tabs: Tab[] = []
/** Redials that a test need not wait for. */
const SOON = { BACKOFF_FIRST_MS: 60 }

beforeEach(async () => {
  server = await startServer({ env: { ORIGINS: location.origin } })
})
afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.close()
  await server.stop()
})

const helloOf = (tab: Tab) => tab.store.getState().connection.hello
const nameOf = (tab: Tab) => selectConnectionName(tab.store.getState())
const live = (tab: Tab) => until(tab, () => nameOf(tab) === 'live', 'live')
async function newcomer() {
  const browser = openBrowser(server)
  const tab = browser.tab(SOON)
  tabs.push(tab)
  await tab.start('Ann')
  await live(tab)
  return { tab, browser }
}
/** The names of the connection from now on, as they change. */
function namesOf(tab: Tab) {
  const names: string[] = []
  let before = nameOf(tab)
  tab.store.subscribe(() => {
    const now = nameOf(tab)
    if (now !== before) names.push(now)
    before = now
  })
  return () => names
}
/** Live again, on another connection than `before`. */
const liveAgain = (tab: Tab, before: string | undefined) => until(tab, () => nameOf(tab) === 'live' && helloOf(tab)?.connId !== before, 'live again')

describe('a client that comes back', () => {
  it('is counted by the server, told so, has one connection only, and knows of it what the server knows', async () => {
    const { tab: ann } = await newcomer()
    const connections = [helloOf(ann)?.connId]
    for (let times = 1; times <= 3; times++) {
      server.cutAll()
      await liveAgain(ann, connections.at(-1))
      connections.push(helloOf(ann)?.connId)
      expect(helloOf(ann)).toMatchObject({ isReconnection: true, reconnectCount: times })
    }
    expect(new Set(connections).size).toBe(4)

    // what the page knows of itself is what the server knows of it
    const [seen, ...others] = server.app.live.report().connections
    expect(others).toEqual([])
    const hello = helloOf(ann)!
    expect(seen).toMatchObject({
      socketId: hello.connId,
      sessionId: hello.sessionId,
      deviceId: hello.deviceId,
      user: { id: hello.user.id, name: hello.user.name },
      reconnectCount: hello.reconnectCount,
      connectionType: hello.transport,
      isAuthenticated: true,
      lastReconnectTime: expect.any(Number) as number,
    })
  })

  it('comes back by itself when the server drops it without a word', async () => {
    const { tab: ann } = await newcomer()
    const before = helloOf(ann)?.connId
    server.kick(ann.me().id)
    await liveAgain(ann, before)
  })

  it('dials when it said it would', async () => {
    const ann = openBrowser(server).tab(SOON)
    tabs.push(ann)
    const planned: number[] = []
    const dialled: number[] = []
    const stop = ann.store.subscribe(() => {
      const { line } = ann.store.getState().connection
      if (line.name !== 'reconnecting') return
      if (line.step.name === 'waiting' && line.step.nextRetryAt !== null && planned.length === dialled.length) planned.push(line.step.nextRetryAt)
      if (line.step.name === 'dialling' && dialled.length < planned.length) dialled.push(Date.now())
    })
    await ann.start()
    await live(ann)
    await server.restart({ abruptly: true, whileDown: () => until(ann, () => dialled.length >= 4, 'four dials').then(() => undefined) })
    await live(ann)
    stop()
    for (const [i, at] of dialled.entries()) {
      expect(at - planned[i]!).toBeGreaterThanOrEqual(-5)
      expect(at - planned[i]!).toBeLessThan(250)
    }
  })
})

describe('a client that is not let in', () => {
  it('asks to sign in when its session is ended elsewhere, and knocks no more', async () => {
    const { tab: ann, browser } = await newcomer()
    const names = namesOf(ann)
    await fetch(`${server.url}/api/session/logout`, { method: 'POST', headers: { cookie: browser.cookie() } })
    await until(ann, () => nameOf(ann) === 'signed-out', 'signed out')
    await expect.poll(() => server.app.live.count()).toBe(0)

    // neither does the next page of this browser: it asks once whether the session is still good
    browser.requests.length = 0
    const next = browser.tab(SOON)
    tabs.push(next)
    const nextNames = namesOf(next)
    await next.start()
    await until(next, () => nameOf(next) === 'signed-out', 'signed out again')
    expect(browser.requests).toEqual(['POST /api/session/refresh'])
    expect(nextNames()).toEqual(['signed-out'])
    expect(names()).toEqual(['signed-out'])
  })
})

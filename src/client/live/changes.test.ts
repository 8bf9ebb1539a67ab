import type { Action } from '@reduxjs/toolkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { messageWritten, readThrough } from '#client/live/facts.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectUnreadTotal } from '#client/store/selectors/conversations.ts'
import { selectTimeline } from '#client/store/selectors/messages.ts'
import { LOBBY, uuidv7, type OperationId } from '#protocol/ids.ts'
import type { Operation } from '#protocol/message.ts'
import { draft, join } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { openBrowser, until, type Tab } from '#testing/browser.ts'

let server: TestServer
const tabs: Tab[] = []
beforeEach(async () => {
  server = await startServer({ env: { ORIGINS: location.origin } })
})
afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.close()
  await server.stop()
})

async function tabOf(browser: ReturnType<typeof openBrowser>, name?: string): Promise<Tab> {
  const tab = browser.tab()
  tabs.push(tab)
  await tab.start(name)
  await until(tab, () => selectConnectionName(tab.store.getState()) === 'live', 'live')
  return tab
}
const shown = (tab: Tab) => selectTimeline(tab.store.getState(), LOBBY).messages
const opId = () => uuidv7(Date.now(), (into) => void crypto.getRandomValues(into)) as OperationId

describe('what changed while the line was down', () => {
  it('is there after the return: edits, deletions and reactions as well as messages', async () => {
    const ann = await tabOf(openBrowser(server), 'Ann')
    ann.look()
    const bob = await join(server, 'Bob')
    const { results } = await bob.get('message:send', { conv: LOBBY, messages: ['tpyo', 'regretted', 'liked'].map((body) => draft(body)) })
    await until(ann, () => shown(ann).length === 3, 'three messages')
    const [typo, regretted, liked] = results.map((result) => (result.ok ? { id: result.id } : expect.fail(result.code)))

    ann.close()
    const change = (operation: Operation) => bob.get('operation:apply', { conv: LOBBY, operation })
    await change({ kind: 'edit', opId: opId(), target: typo!, body: 'typo' })
    await change({ kind: 'delete', opId: opId(), target: regretted! })
    await change({ kind: 'react', opId: opId(), target: liked!, emoji: '👍' })
    await bob.get('message:send', { conv: LOBBY, messages: [draft('and one more')] })
    ann.reopen()

    await until(ann, () => shown(ann).length === 4, 'the fourth message')
    expect(shown(ann).map(({ body }) => body)).toEqual(['typo', '', 'liked', 'and one more'])
    expect(shown(ann).map(({ editedAt, deletedAt }) => [editedAt !== undefined, deletedAt !== undefined])).toEqual([
      [true, false],
      [false, true],
      [false, false],
      [false, false],
    ])
    expect(JSON.stringify(shown(ann)[2])).toContain('👍')
    bob.hangUp()
  })
})

describe('what is unread', () => {
  it('rises in every tab, and goes in all when it is read in one', async () => {
    const browser = openBrowser(server)
    const [first, second] = [await tabOf(browser, 'Ann'), await tabOf(browser)]
    const bob = await join(server, 'Bob')
    await bob.get('message:send', { conv: LOBBY, messages: [draft('one'), draft('two')] })
    for (const tab of [first, second]) await until(tab, () => selectUnreadTotal(tab.store.getState()) === 2, 'two unread')
    first.store.dispatch(readThrough({ conv: LOBBY, seq: 2 }))
    for (const tab of [first, second]) await until(tab, () => selectUnreadTotal(tab.store.getState()) === 0, 'nothing unread')
    bob.hangUp()
  })
})

describe('a message', () => {
  it('leaves one fact for each step from the key press to the log', async () => {
    const ann = await tabOf(openBrowser(server), 'Ann')
    ann.look()
    const told: string[] = []
    ann.intents.subscribe((action: Action) => told.push(action.type))
    const clientId = ann.write('hello')
    await until(ann, () => shown(ann).some((message) => message.clientId === clientId) && ann.unsent().length === 0, 'in the log')
    const steps = [messageWritten.type, 'messageSaved', 'sendStarted', 'messageStored', 'messagesArrived']
    const seen = told.filter((type) => steps.includes(type))
    // the answer and the log race: either may be first, and the one that comes second may have nothing left to say
    expect(seen.slice(0, 3)).toEqual(steps.slice(0, 3))
    expect(seen.slice(3)).toContain('messagesArrived')
    expect(new Set(seen).size).toBe(seen.length)
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOBBY, type ConversationId } from '#protocol/ids.ts'
import { historyRequested, useHereRequested } from '#client/live/facts.ts'
import type { Timing } from '#client/live/timing.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectTimeline } from '#client/store/selectors/messages.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { openBrowser, until, type Tab } from '#testing/browser.ts'

let server: TestServer
const tabs: Tab[] = []
const opened = <T extends Tab>(tab: T): T => {
  tabs.push(tab)
  return tab
}

beforeEach(async () => {
  // The page of these tests lives at jsdom's address.
  server = await startServer({ env: { ORIGINS: location.origin, LOG_LEVEL: process.env['SHOW_LOG'] ?? 'silent' } })
})
afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.close()
  await server.stop()
})

const newcomer = async (name: string, timing: Partial<Timing> = {}) => {
  const browser = openBrowser(server)
  const tab = opened(browser.tab(timing))
  await tab.start(name)
  tab.look()
  await live(tab)
  return { browser, tab }
}
const live = (tab: Tab) => until(tab, () => selectConnectionName(tab.store.getState()) === 'live', 'live')
const texts = (tab: Tab, conv: ConversationId = LOBBY) => selectTimeline(tab.store.getState(), conv).messages.map((message) => message.body)
const seqs = (tab: Tab, conv: ConversationId = LOBBY) => selectTimeline(tab.store.getState(), conv).messages.map((message) => message.seq)
const sees = (tab: Tab, body: string, conv?: ConversationId) => until(tab, () => texts(tab, conv).includes(body), `seeing ${body}`)

describe('a client and the server', () => {
  it('lets a guest write in the lobby and another one read it', async () => {
    const { tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    ann.write('hello')
    await sees(bob, 'hello')
    await sees(ann, 'hello')
    expect(ann.unsent()).toEqual([])
    bob.write('hi Ann')
    await sees(ann, 'hi Ann')
    await sees(bob, 'hi Ann')
    expect(seqs(ann)).toEqual([1, 2])
    expect(texts(bob)).toEqual(texts(ann))
  })

  it('sends what was written while the server was away, once each and in order', async () => {
    const { tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    const words = Array.from({ length: 45 }, (_, at) => `word ${at}`)
    await server.restart({
      abruptly: true,
      whileDown: async () => {
        await until(ann, () => selectConnectionName(ann.store.getState()) === 'reconnecting', 'noticing')
        for (const word of words) ann.write(word)
        await until(ann, () => ann.unsent().every((row) => row.state.name === 'queued'), 'all safe')
      },
    })
    await until(bob, () => texts(bob).length === words.length, 'all words at Bob')
    expect(texts(bob)).toEqual(words)
    expect(seqs(bob)).toEqual(words.map((_, at) => at + 1))
    await until(ann, () => ann.unsent().length === 0, 'empty outbox')
    expect(texts(ann)).toEqual(words)
  })

  it('brings everything missed when a tab comes back, from its cursor', async () => {
    const { browser, tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    ann.write('one')
    await sees(bob, 'one')
    ann.close()
    for (const word of ['two', 'three', 'four']) bob.write(word)
    await sees(bob, 'four')
    const again = opened(browser.tab())
    await again.start()
    again.look()
    await until(again, () => texts(again).length === 4, 'what was kept and what was missed')
    expect(texts(again)).toEqual(['one', 'two', 'three', 'four'])
    expect(again.me().id).toBe(ann.me().id)
  })

  it('keeps what was written in a tab that went away before it could be sent', async () => {
    const { browser, tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    await server.restart({
      abruptly: true,
      whileDown: async () => {
        await until(ann, () => selectConnectionName(ann.store.getState()) === 'reconnecting', 'noticing')
        for (const word of ['a', 'b', 'c']) ann.write(word)
        await until(ann, () => ann.unsent().every((row) => row.state.name === 'queued'), 'all safe')
        ann.close()
      },
    })
    const again = opened(browser.tab())
    await again.start()
    again.look()
    await sees(bob, 'c')
    expect(texts(bob)).toEqual(['a', 'b', 'c'])
    await until(again, () => again.unsent().length === 0 && texts(again).length === 3, 'settled')
  })

  it('shows one message in both tabs of a browser, whichever wrote it', async () => {
    const { browser, tab: first } = await newcomer('Ann')
    const second = opened(browser.tab())
    await second.start()
    second.look()
    await live(second)
    first.write('from the first')
    second.write('from the second')
    await sees(first, 'from the second')
    await sees(second, 'from the first')
    await until(first, () => texts(first).length === 2 && first.unsent().length === 0, 'two in the first')
    await until(second, () => texts(second).length === 2 && second.unsent().length === 0, 'two in the second')
    expect(texts(first)).toEqual(texts(second))
  })

  it('survives twenty cuts in a row without losing, doubling or reordering', async () => {
    const soon = { BACKOFF_FIRST_MS: 60, BACKOFF_CAP_MS: 120, BACKOFF_SLOW_CAP_MS: 120, RETRY_EVERY_MS: 0 }
    const { tab: ann } = await newcomer('Ann', soon)
    const { tab: bob } = await newcomer('Bob', soon)
    const words: string[] = []
    for (let cut = 0; cut < 20; cut++) {
      for (let each = 0; each < 3; each++) {
        words.push(`cut ${cut}, word ${each}`)
        ann.write(words.at(-1)!)
      }
      // the first word is on its way or here, the others may be anywhere
      await until(bob, () => texts(bob).length > cut * 3, `word ${cut * 3}`)
      server.cutAll()
    }
    await until(bob, () => texts(bob).length >= 60, 'everything')
    expect(texts(bob)).toEqual(words)
    expect(seqs(bob)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
    expect(bob.store.getState().connection.hello?.reconnectCount).toBeGreaterThanOrEqual(15)
  })

  it('ends the session in place when the server no longer knows it, after one try to renew', async () => {
    const { browser, tab: ann } = await newcomer('Ann')
    browser.loseCookie()
    const fresh = opened(browser.tab())
    browser.requests.length = 0
    await fresh.start()
    await until(fresh, () => selectConnectionName(fresh.store.getState()) === 'signed-out', 'signed out')
    expect(browser.requests.filter((request) => request.endsWith('/refresh'))).toHaveLength(1)
    expect(fresh.me().id).toBe(ann.me().id)
  })

  it('signs out: no session remains, and the next one is somebody new', async () => {
    const { browser, tab: ann } = await newcomer('Ann')
    const { id } = ann.me()
    await ann.client.signOut('nothing')
    ann.close()
    const next = opened(browser.tab())
    await next.start('Somebody')
    expect(next.me().id).not.toBe(id)
  })

  it('moves delivered and read marks of a direct conversation', async () => {
    const { tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    const opened = await ann.client.api.openDirect(bob.me().id)
    if (!opened.ok) throw new Error(opened.code)
    const conv = opened.conversation.id
    ann.look(conv)
    await until(ann, () => ann.store.getState().conversations.byId[conv] !== undefined, 'the conversation')
    ann.write('psst', conv)
    await sees(bob, 'psst', conv)
    const marks = () => ann.store.getState().receipts.byConv[conv]?.[bob.me().id]
    await until(ann, () => marks()?.delivered === 1, 'delivered')
    expect(marks()?.read ?? 0).toBe(0)
  })

  it('learns within a moment of somebody who came into the lobby, and so whether a message reached them', async () => {
    const { tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    ann.write('welcome')
    await sees(bob, 'welcome')
    const members = () => ann.store.getState().conversations.byId[LOBBY]?.facts.members ?? []
    await until(ann, () => members().some((member) => member.id === bob.me().id), 'Bob among the members', 60_000)
    await until(ann, () => ann.store.getState().receipts.byConv[LOBBY]?.[bob.me().id]?.delivered === 1, 'delivered', 60_000)
  })

  it('takes a removed member out, tells them once, and refuses what they still had to say', async () => {
    const { tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    const made = await ann.client.api.createGroup('Crew', [bob.me().id])
    if (!made.ok) throw new Error(made.code)
    const conv = made.conversation.id
    await until(bob, () => bob.store.getState().conversations.byId[conv] !== undefined, 'the group at Bob')
    bob.write('here', conv)
    await until(bob, () => bob.unsent(conv).length === 0, 'sent')
    expect(await ann.client.api.removeMember(conv, bob.me().id)).toMatchObject({ ok: true })
    await until(bob, () => bob.store.getState().conversations.byId[conv] === undefined, 'gone at Bob')
    bob.write('one more thing', conv)
    await until(bob, () => bob.unsent(conv)[0]?.state.name === 'refused', 'refused')
    expect(bob.unsent(conv)[0]?.state).toEqual({ name: 'refused', code: 'E_NOT_MEMBER' })
  })

  it('yields to a second live use of the same tab, says why, and comes back by "Use here" without a fight', async () => {
    const { browser, tab: first } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    const second = opened(browser.tab({}, first.session))
    const is = (tab: Tab, name: string) => until(tab, () => selectConnectionName(tab.store.getState()) === name, name)
    await second.start()
    await live(second)
    await is(first, 'refused')
    expect(first.store.getState().connection.line).toMatchObject({ name: 'refused', code: 'REPLACED' })

    const moves: string[] = []
    const stop = first.store.subscribe(() => moves.push(selectConnectionName(first.store.getState())))
    second.write('the second one is in use')
    await sees(bob, 'the second one is in use')
    stop()
    expect(moves.filter((name) => name !== 'refused')).toEqual([])

    first.store.dispatch(useHereRequested())
    await live(first)
    await is(second, 'refused')
    first.look()
    first.write('and the first again')
    await sees(bob, 'and the first again')
    expect(selectConnectionName(second.store.getState())).toBe('refused')
  })

  it('brings what was said in fifty conversations during a cut, without anybody asking', async () => {
    const { tab: ann } = await newcomer('Ann')
    const { tab: bob } = await newcomer('Bob')
    const convs: ConversationId[] = []
    for (let n = 0; n < 50; n++) {
      const made = await bob.client.api.createGroup(`Group ${n}`, [ann.me().id])
      if (!made.ok) throw new Error(made.code)
      convs.push(made.conversation.id)
    }
    const knowsAll = (tab: Tab) => until(tab, () => convs.every((conv) => tab.store.getState().conversations.byId[conv]), 'all groups', 60_000)
    await knowsAll(ann)
    await knowsAll(bob)
    server.cutAll()
    for (const [n, conv] of convs.entries()) bob.write(`word ${n}`, conv)
    const unreadWord = (conv: ConversationId) => ann.store.getState().conversations.byId[conv]?.lastMessage?.body
    await until(ann, () => convs.every((conv, n) => unreadWord(conv) === `word ${n}`), 'a word in each', 60_000)
    await live(ann)
  })

  it('shows everything written while somebody was away, and what was written before that on request', async () => {
    const { tab: ann } = await newcomer('Ann')
    const words = Array.from({ length: 120 }, (_, at) => `word ${at}`)
    for (const word of words) ann.write(word)
    await until(ann, () => ann.unsent().length === 0, 'all sent', 60_000)
    const { tab: bob } = await newcomer('Bob')
    await sees(bob, 'word 119')
    const oldest = () => seqs(bob)[0] ?? 0
    while (oldest() > 1) {
      const before = oldest()
      bob.store.dispatch(historyRequested({ conv: LOBBY, beforeSeq: before }))
      await until(bob, () => oldest() < before, 'earlier messages')
    }
    expect(texts(bob)).toEqual(words)
  })
})

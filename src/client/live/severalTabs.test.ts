import { describe, expect, it } from 'vitest'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { simulatedChannel, simulatedLocks } from '#testing/browserParts.ts'
import { ann, clientId, conv, messageId, says } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, heardAll, helloAnswer, pulled, resetTo, scriptedEngine, type Answers } from '#testing/scriptedEngine.ts'
import type { Dial } from '#testing/scriptedNet.ts'
import { unreliableDb } from '#testing/unreliableDb.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { openMemoryDb } from './db.ts'
import { messageWritten } from './facts.ts'
import type { Locks } from './ports.ts'
import type { TabMessage } from './tabs.ts'
import { TIMING } from './timing.ts'

/** The server as far as these tabs see it: one log. Everybody on the line hears of what is new in it with the next `tell`. */
function oneConversation() {
  const log: ChatMessage[] = []
  let told = 0
  const lines = new Set<Dial>()
  const answers: Answers = {
    hello: () => helloAnswer({ heads: { [conv]: headAt(log.length) } }),
    'sync:pull': ({ from }) => (from === 0 ? { ok: true, reset: resetTo(log, log.length) } : pulled(from, heardAll(log.slice(from)), log.length)),
    'message:send': ({ messages }) => {
      const results = messages.map((draft) => {
        const known = log.find((message) => message.clientId === draft.clientId)
        const seq = known?.seq ?? log.length + 1
        const id = messageId(seq)
        if (!known) log.push(says(seq, ann, { id, clientId: draft.clientId, body: draft.body }))
        return { clientId: draft.clientId, ok: true, id, seq, rev: seq, at: 1, ...(known && { dup: true }) }
      })
      return { ok: true, results }
    },
  }
  const tell = () => {
    const events = heardAll(log.slice(told))
    told = log.length
    if (events.length > 0) for (const line of lines) line.events.pushed('log:events', { conv, events })
  }
  return { answers, lines, tell, texts: () => log.map(({ body }) => body) }
}

/** A browser whose tabs share a database, a channel and, unless it has none, locks. */
function browserOf({ answers, lines }: ReturnType<typeof oneConversation>, locks: Locks | undefined, db = openMemoryDb()) {
  const channel = simulatedChannel<TabMessage>()
  let written = 0
  return {
    tab: async (more: { answers?: Answers } = {}) => {
      let frozen: (() => void)[] | undefined
      /** A frozen page hears nothing until it is thawed. Its clock stands because nobody moves it. */
      const whenThawed = (run: () => void) => () => (frozen ? void frozen.push(run) : run())
      const heardLate = (on: Parameters<Locks['hold']>[1]) => ({ taken: whenThawed(on.taken), stolen: whenThawed(on.stolen) })
      const it = scriptedEngine(
        { ...answers, ...more.answers },
        {
          storage: memoryStorage(db),
          channel: channel(),
          ...(locks && { locks: { hold: (name, on) => locks.hold(name, heardLate(on)), steal: (name, on) => locks.steal(name, heardLate(on)) } }),
        },
      )
      await it.clock.advance(1)
      return {
        ...it,
        goLive: async () => {
          lines.add(it.network.last())
          await it.connect()
          await it.clock.advance(50)
        },
        freeze: () => {
          frozen = []
          lines.delete(it.network.last())
        },
        thaw: () => {
          const missed = frozen ?? []
          frozen = undefined
          for (const run of missed) run()
        },
        write: async (body: string, to: ConversationId = conv): Promise<ClientId> => {
          const id = clientId(++written)
          it.engine.handle(messageWritten({ conv: to, clientId: id, body, sentAt: written }))
          await it.clock.advance(1)
          return id
        },
        sent: () => it.of('message:send').flatMap(({ messages }) => messages.map(({ body }) => body)),
      }
    },
  }
}

async function passes(ms: number, server: { tell: () => void }, tabs: { listen: (ms: number) => Promise<void> }[]) {
  for (let passed = 0; passed < ms; passed += 100) {
    server.tell()
    for (const tab of tabs) await tab.listen(100)
  }
}

describe('tabs of a browser that has no locks', () => {
  it('all send what waits for all of them; each message is there once, in the order in which it was written', async () => {
    const server = oneConversation()
    const browser = browserOf(server, undefined)
    const [first, second] = [await browser.tab(), await browser.tab()]
    const words = Array.from({ length: 30 }, (_, n) => `word ${n}`)
    for (const [n, word] of words.entries()) {
      await (n % 2 === 0 ? first : second).write(word)
      await first.clock.advance(50)
      await second.clock.advance(50)
    }
    await Promise.all([first.goLive(), second.goLive()])
    await passes(5_000, server, [first, second])
    expect(server.texts()).toEqual(words)
    // both did send
    for (const tab of [first, second]) expect(tab.sent().length).toBeGreaterThan(words.length / 2)
    expect((await first.storage.outbox()).rows).toEqual([])
  })

  it('begin with the oldest, also when another tab has sent it already and nobody knows what became of it', async () => {
    const server = oneConversation()
    const browser = browserOf(server, undefined)
    const first = await browser.tab({ answers: { 'message:send': () => undefined } })
    const second = await browser.tab()
    await first.goLive()
    await first.write('sent into the void')
    await first.clock.advance(50)
    expect(first.sent()).toEqual(['sent into the void'])
    await second.write('written later')
    await second.goLive()
    await second.clock.advance(1_000)
    expect(server.texts()).toEqual(['sent into the void', 'written later'])
  })
})

describe('a tab that leads and is frozen', () => {
  /** The first leads and is frozen, the second waits behind it with something to say. */
  async function frozenLeader() {
    const server = oneConversation()
    const browser = browserOf(server, simulatedLocks())
    const [first, second] = [await browser.tab(), await browser.tab()]
    await first.goLive()
    await second.goLive()
    await first.write('from the first')
    await passes(200, server, [first, second])
    first.freeze()
    await second.write('from the second')
    await passes(1_000, server, [second])
    return { server, first, second }
  }

  it('is replaced by another one, which sends what waits as soon as it leads', async () => {
    const { server, second } = await frozenLeader()
    expect(second.sent()).toEqual([])
    await passes(TIMING.LEADER_LOST_MS + 2 * TIMING.LEADER_BEAT_MS, server, [second])
    expect(second.sent()).toEqual(['from the second'])
    expect(server.texts()).toEqual(['from the first', 'from the second'])
  })

  it('sends nothing more when it wakes: the other one leads', async () => {
    const { server, first, second } = await frozenLeader()
    await passes(TIMING.LEADER_LOST_MS + 2 * TIMING.LEADER_BEAT_MS, server, [second])
    const before = first.sent()
    first.thaw()
    await first.clock.advance(TIMING.TICK_MS)
    await first.write('from the first again')
    await passes(2_000, server, [first, second])
    expect(first.sent()).toEqual(before)
    expect(second.sent()).toEqual(['from the second', 'from the first again'])
    expect(server.texts()).toEqual(['from the first', 'from the second', 'from the first again'])
  })

  it('may have sent something just before: it is there once', async () => {
    const server = oneConversation()
    const browser = browserOf(server, simulatedLocks())
    let isFrozen = false
    const first = await browser.tab({ answers: { 'message:send': (request) => (isFrozen ? undefined : server.answers['message:send']!(request)) } })
    const second = await browser.tab()
    await first.goLive()
    await second.goLive()
    isFrozen = true
    await first.write('stored, and the answer unheard')
    server.answers['message:send']!({ conv, messages: first.of('message:send')[0]!.messages })
    server.lines.clear()
    first.freeze()
    await second.write('next')
    await passes(TIMING.LEADER_LOST_MS + 2 * TIMING.LEADER_BEAT_MS, server, [second])
    expect(server.texts()).toEqual(['stored, and the answer unheard', 'next'])
  })
})

describe('tabs of a browser whose storage is slow', () => {
  it('never have many transactions waiting there, however much they write and see in the log meanwhile', async () => {
    const server = oneConversation()
    const time = virtualClock()
    const storage = unreliableDb(time, { lagMs: () => 100, aborts: () => false })
    const browser = browserOf(server, simulatedLocks(), storage.db)
    const [first, second] = [await browser.tab(), await browser.tab()]
    // The storage is a little ahead of the pages all the time.
    const all = [{ listen: (ms: number) => time.advance(ms) }, first, second]
    await passes(1_000, server, all)
    await Promise.all([first.goLive(), second.goLive()])
    const words = Array.from({ length: 60 }, (_, n) => `word ${n}`)
    for (const [n, word] of words.entries()) {
      await (n % 2 === 0 ? first : second).write(word)
      if (n % 10 === 9) await passes(200, server, all)
    }
    await passes(20_000, server, all)
    expect(server.texts().toSorted()).toEqual(words.toSorted())
    const left = memoryStorage(storage.db).outbox()
    await time.advance(1_000)
    expect((await left).rows).toEqual([])
    expect(storage.mostWaiting()).toBeLessThan(15)
  })
})

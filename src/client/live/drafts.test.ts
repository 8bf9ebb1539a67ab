import { describe, expect, it } from 'vitest'
import { clientId, conv, fileFacts, messageId, otherConv } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { scriptedEngine, startScripted } from '#testing/scriptedEngine.ts'
import {
  draftChanged,
  draftsLoaded,
  editChosen,
  editTyped,
  filesAttached,
  filesKept,
  filesWritten,
  messageSaved,
  messageWritten,
  replyChosen,
} from './facts.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

async function typing() {
  const it = await startScripted()
  return {
    ...it,
    type: (text: string, where = conv) => it.engine.handle(draftChanged({ conv: where, text })),
    kept: async () => (await it.storage.load()).drafts,
  }
}

describe('a draft', () => {
  it('is kept as soon as it is told, and is what the next page starts with', async () => {
    const { type, kept, storage } = await typing()
    for (const text of ['h', 'ha', 'half a sentence']) {
      type(text)
      expect(await kept()).toEqual({ [conv]: { text } })
    }
    type('elsewhere', otherConv)

    const next = scriptedEngine({}, { storage })
    await next.clock.advance(1)
    expect(next.emitted.filter(draftsLoaded.match).map(({ payload }) => payload.drafts)).toEqual([
      { [conv]: { text: 'half a sentence' }, [otherConv]: { text: 'elsewhere' } },
    ])
  })

  it('is gone once it was sent or emptied', async () => {
    const { type, kept, clock, engine } = await typing()
    type('sent', conv)
    type('emptied', otherConv)
    await clock.advance(1_000)
    type('sent, and how', conv)
    engine.handle(messageWritten({ conv, clientId: clientId(1), body: 'sent, and how', sentAt: clock.now() }))
    type('', otherConv)
    await clock.advance(1_000)
    expect(await kept()).toEqual({})
  })

  it.each([
    ['back', -1],
    ['on', 1],
  ])('goes with its message and not with the one before, though the clock was set %s an hour when that was written', async (_, direction) => {
    const inner = memoryStorage()
    let isFull = true
    const storage = {
      ...inner,
      addOutbox: (...rows: Parameters<Storage['addOutbox']>) =>
        isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : inner.addOutbox(...rows),
    }
    const { engine, clock } = await startScripted({}, { storage })
    const type = (text: string) => engine.handle(draftChanged({ conv, text }))
    const writes = (n: number, body: string) =>
      engine.handle(messageWritten({ conv, clientId: clientId(n), body, sentAt: clock.now() + direction * 3_600_000 }))
    const kept = async () => (await inner.load()).drafts
    type('hel')
    writes(1, 'hello')
    await clock.advance(1)
    type('and aga')
    writes(2, 'and again')
    type('the nex')
    type('the next')
    isFull = false
    await clock.advance(TIMING.REREAD_MS)
    expect((await inner.outbox()).rows.map((row) => row.body)).toEqual(['hello', 'and again'])
    expect(await kept()).toEqual({ [conv]: { text: 'the next' } })
    writes(3, 'the next one')
    await clock.advance(1)
    expect(await kept()).toEqual({})
  })

  it('that the last page left goes with the message, though the clock was set back in between', async () => {
    const storage = memoryStorage()
    const { engine, clock } = await startScripted({}, { storage })
    await storage.keepDraft(conv, { text: 'hello' }, clock.now() + 3_600_000)
    engine.handle(messageWritten({ conv, clientId: clientId(1), body: 'hello', sentAt: clock.now() }))
    await clock.advance(1)
    expect((await storage.load()).drafts).toEqual({})
  })

  it('stays when a message of long ago is offered again', async () => {
    const storage = memoryStorage()
    await storage.keepDraft(conv, { text: 'half a sentence' }, 1)
    const message = { conv, clientId: clientId(1), body: 'of another tab', sentAt: 2 }
    await storage.addOutbox([{ ...message, again: true, state: { name: 'saving' } }], null)
    expect((await storage.load()).drafts).toEqual({ [conv]: { text: 'half a sentence' } })
  })

  it('stays when a message turns up that a page wrote which is gone', async () => {
    const { type, kept, clock, engine } = await typing()
    type('half a sentence')
    await clock.advance(1_000)
    engine.handle(messageWritten({ conv, clientId: clientId(1), body: 'left', sentAt: clock.now(), found: true }))
    await clock.advance(1_000)
    expect(await kept()).toEqual({ [conv]: { text: 'half a sentence' } })
  })

  it('that the storage would not take is tried again, and the page says that it holds what nobody else has', async () => {
    const inner = memoryStorage()
    let isFull = true
    const it = await startScripted(
      {},
      {
        storage: {
          ...inner,
          keepDraft: (...draft) => (isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : inner.keepDraft(...draft)),
        },
      },
    )
    it.engine.handle(draftChanged({ conv, text: 'a long thought' }))
    await it.clock.advance(1)
    expect(it.engine.holdsUnsaved()).toBe(true)
    isFull = false
    await it.clock.advance(TIMING.REREAD_MS)
    expect(it.engine.holdsUnsaved()).toBe(false)
    expect((await inner.load()).drafts).toEqual({ [conv]: { text: 'a long thought' } })
  })

  it('that the storage would not take is tried again at once when the page is hidden or closed, and not at all when a later one was kept', async () => {
    const inner = memoryStorage()
    const tried: string[] = []
    let isFull = true
    const it = await startScripted(
      {},
      {
        storage: {
          ...inner,
          keepDraft: (...draft) => {
            tried.push(draft[1].text)
            return isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : inner.keepDraft(...draft)
          },
        },
      },
    )
    const types = (text: string) => it.engine.handle(draftChanged({ conv, text }))
    types('one')
    await it.clock.advance(1)
    it.browser.say('hidden')
    await it.clock.advance(1)
    expect(tried).toEqual(['one', 'one'])
    types('two')
    await it.clock.advance(1)
    isFull = false
    await it.engine.close()
    await it.clock.advance(10 * TIMING.REREAD_MS)
    expect(tried).toEqual(['one', 'one', 'two', 'two'])
    expect((await inner.load()).drafts).toEqual({ [conv]: { text: 'two' } })
  })

  it('is more than text: what it answers, a change that was begun and files are there again as well', async () => {
    const { engine, kept, storage } = await typing()
    engine.handle(replyChosen({ conv, to: messageId(1) }))
    engine.handle(filesAttached({ conv, files: [fileFacts(1)] }))
    engine.handle(editChosen({ conv, clientId: clientId(5) }))
    engine.handle(editTyped({ conv, clientId: clientId(5), text: 'better' }))
    const draft = { text: '', reply: { to: messageId(1) }, files: [fileFacts(1)], editing: clientId(5), edits: { [clientId(5)]: 'better' } }
    expect(await kept()).toEqual({ [conv]: draft })

    const next = scriptedEngine({}, { storage })
    await next.clock.advance(1)
    expect(next.emitted.filter(draftsLoaded.match).map(({ payload }) => payload.drafts)).toEqual([{ [conv]: draft }])
  })

  it('that was begun before the one of the last page was read takes in what it has not', async () => {
    const storage = memoryStorage()
    await storage.keepDraft(conv, { text: 'old', reply: { to: messageId(1) } }, 1)
    const next = scriptedEngine({}, { storage })
    next.engine.handle(draftChanged({ conv, text: 'typed at once' }))
    await next.clock.advance(1)
    next.emitted.filter(draftsLoaded.match).forEach(next.engine.handle)
    await next.clock.advance(1)
    expect((await storage.load()).drafts).toEqual({ [conv]: { text: 'typed at once', reply: { to: messageId(1) } } })
  })

  it('keeps the change of another message when its own goes', async () => {
    const { engine, clock, kept, emitted } = await typing()
    engine.handle(editTyped({ conv, clientId: clientId(5), text: 'better' }))
    engine.handle(draftChanged({ conv, text: 'hello' }))
    engine.handle(messageWritten({ conv, clientId: clientId(1), body: 'hello', sentAt: clock.now() }))
    await clock.advance(1)
    emitted.filter(messageSaved.match).forEach(engine.handle)
    expect(await kept()).toEqual({ [conv]: { text: '', edits: { [clientId(5)]: 'better' } } })
  })

  it('whose files are on their way stays until these are kept with their message', async () => {
    const { engine, kept } = await typing()
    engine.handle(draftChanged({ conv, text: 'look' }))
    engine.handle(filesAttached({ conv, files: [fileFacts(1)] }))
    engine.handle(filesWritten({ conv, clientId: clientId(1), body: 'look', sentAt: 1, files: [fileFacts(1)] }))
    expect(await kept()).toEqual({ [conv]: { text: 'look', files: [fileFacts(1)] } })
    engine.handle(filesKept({ conv }))
    expect(await kept()).toEqual({})
  })
})

import { describe, expect, it } from 'vitest'
import { clientId, conv, otherConv } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { scriptedEngine, startScripted } from '#testing/scriptedEngine.ts'
import { draftChanged, draftsLoaded, messageWritten } from './facts.ts'
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
  it('is kept shortly after the last key, and is what the next page starts with', async () => {
    const { type, kept, clock, storage } = await typing()
    for (const text of ['h', 'ha', 'half', 'half a sentence']) {
      type(text)
      await clock.advance(TIMING.DRAFT_MS - 1)
      expect(await kept()).toEqual({})
    }
    type('elsewhere', otherConv)
    await clock.advance(TIMING.DRAFT_MS)
    expect(await kept()).toEqual({ [conv]: 'half a sentence', [otherConv]: 'elsewhere' })

    const next = scriptedEngine({}, { storage })
    await next.clock.advance(1)
    expect(next.emitted.filter(draftsLoaded.match).map(({ payload }) => payload.drafts)).toEqual([
      { [conv]: 'half a sentence', [otherConv]: 'elsewhere' },
    ])
  })

  it('is kept at once when the page is hidden or closed: nobody may come back', async () => {
    const { type, kept, browser, engine } = await typing()
    type('hidden')
    browser.say('hidden')
    expect(await kept()).toEqual({ [conv]: 'hidden' })
    type('closed')
    await engine.close()
    expect(await kept()).toEqual({ [conv]: 'closed' })
  })

  it('is gone once it was sent or emptied, and does not come back by the keeping that was still to come', async () => {
    const { type, kept, clock, engine } = await typing()
    type('sent', conv)
    type('emptied', otherConv)
    await clock.advance(TIMING.DRAFT_MS)
    type('sent, and how', conv)
    engine.handle(messageWritten({ conv, clientId: clientId(1), body: 'sent, and how', sentAt: clock.now() }))
    type('', otherConv)
    await clock.advance(10 * TIMING.DRAFT_MS)
    expect(await kept()).toEqual({})
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
    await it.clock.advance(TIMING.DRAFT_MS)
    expect(it.engine.holdsUnsaved()).toBe(true)
    isFull = false
    await it.clock.advance(TIMING.REREAD_MS)
    expect(it.engine.holdsUnsaved()).toBe(false)
    expect((await inner.load()).drafts).toEqual({ [conv]: 'a long thought' })
  })
})

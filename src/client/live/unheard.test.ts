import { describe, expect, it } from 'vitest'
import { startScripted } from '#testing/scriptedEngine.ts'
import { browserCameOnline, browserWentOffline } from './facts.ts'

/** On the line, or not when the server is silent; offline by the browser's word, and online again without one. */
async function afterAnUnheardReturn(more: { lineHolds: boolean }) {
  const tab = await startScripted()
  const { browser, clock, network, emitted } = tab
  browser.say('offline')
  if (!more.lineHolds) network.last().events.lost('transport close')
  await clock.advance(more.lineHolds ? 10 : 60_000)
  const words = () => emitted.flatMap((fact) => (browserWentOffline.match(fact) ? ['offline'] : browserCameOnline.match(fact) ? ['online'] : []))
  expect(words()).toEqual(['online', 'offline'])
  expect(network.dials).toHaveLength(1)
  Object.assign(browser.surroundings, { online: () => true })
  return { ...tab, words }
}

describe('a browser that came online again and said so to nobody', () => {
  it.each(['wake', 'focus', 'visible'] as const)('is called online and dialled for at once on %s', async (change) => {
    const { browser, network, words } = await afterAnUnheardReturn({ lineHolds: false })
    browser.say(change)
    expect(words()).toEqual(['online', 'offline', 'online'])
    expect(network.dials).toHaveLength(2)
  })

  it('is called online within half a minute though nothing happens', async () => {
    const { clock, words } = await afterAnUnheardReturn({ lineHolds: false })
    await clock.advance(30_000)
    expect(words()).toEqual(['online', 'offline', 'online'])
  })

  it('is called online within a few seconds where the line had held, and is told once', async () => {
    const { listen, browser, words, network } = await afterAnUnheardReturn({ lineHolds: true })
    await listen(5_000)
    expect(words()).toEqual(['online', 'offline', 'online'])
    browser.say('online')
    await listen(5_000)
    expect(words()).toEqual(['online', 'offline', 'online'])
    expect(network.dials).toHaveLength(1)
  })
})

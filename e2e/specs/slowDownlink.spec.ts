import type { Page } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import { BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'

/** The chat's sockets that this page opens from now on. */
function dialsOf(page: Page) {
  const dials: string[] = []
  page.on('websocket', (socket) => {
    if (socket.url().includes('/socket.io/')) dials.push(socket.url())
  })
  return dials
}

/** 20 kbit/s. */
const VERY_SLOW = 2_500

for (const { name, messages, bytesPerSecond, redials } of [
  // nothing tells the first time that the line is only slow
  { name: 'very slow', messages: 6, bytesPerSecond: VERY_SLOW, redials: 1 },
  { name: 'slow', messages: 16, bytesPerSecond: 25_000, redials: 0 },
]) {
  test(`${messages} long messages that were missed come down a ${name} line; at most ${redials} redials`, async ({ ann, bob }) => {
    const texts = Array.from({ length: messages }, (_, i) => `${i} `.padEnd(BODY_MAX_GRAPHEMES, 'x'))
    ann.line.refuse()
    await ann.connectionIs('reconnecting')
    for (const text of texts) {
      await bob.composer.fill(text)
      await bob.composer.press('Enter')
    }
    await bob.isUpToDate()
    ann.line.pass()
    ann.line.bandwidth(bytesPerSecond, 'down')
    await ann.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await ann.connectionIs('syncing')
    const dials = dialsOf(ann.page)
    await ann.connectionIs('live')
    await ann.seesInOrder(texts)
    expect(dials.length, 'redials').toBeLessThanOrEqual(redials)
  })
}

test('a long message comes down a very slow line while somebody writes, and the line stays', async ({ ann, bob }) => {
  ann.line.bandwidth(VERY_SLOW, 'down')
  const dials = dialsOf(ann.page)
  const text = 'x'.repeat(BODY_MAX_GRAPHEMES)
  await bob.writes(text)
  await ann.writes('and you?')
  await ann.sees('and you?', 'sent')
  await ann.sees(text)
  expect(dials, 'no redial').toEqual([])
})

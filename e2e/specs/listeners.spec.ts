import { expect, test } from '#e2e/support/fixtures.ts'

test('a hundred changes of conversation leave no listener behind', async ({ ann }) => {
  await ann.makesGroup('Crew')
  const devtools = await ann.page.context().newCDPSession(ann.page)
  await devtools.send('Performance.enable')
  const listeners = async () => {
    // what is no longer reachable counts until it is collected
    await devtools.send('HeapProfiler.collectGarbage')
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'JSEventListeners')?.value ?? 0
  }
  /** By clicks within the page, each as soon as the one before is on screen. */
  const changes = (times: number) =>
    ann.page.evaluate(async (count) => {
      for (let i = 0; i < count; i++) {
        const link = [...document.querySelectorAll<HTMLElement>('[data-conversation-id]')].find((item) => item.ariaCurrent !== 'page')
        link?.click()
        while (link?.ariaCurrent !== 'page') await new Promise(requestAnimationFrame)
      }
    }, times)
  // the first visits load what later ones share
  await changes(10)
  const before = await listeners()
  expect(before).toBeGreaterThan(10)
  await changes(100)
  await expect.poll(listeners).toBeLessThanOrEqual(before + 5)
})

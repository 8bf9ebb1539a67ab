import type { Page } from '@playwright/test'
import { expect, test as base } from '#e2e/support/fixtures.ts'
import { type Frozen, processOf, stopProcess } from '#e2e/support/frozen.ts'
import type { Person } from '#e2e/support/person.ts'
import { msOf, takesLessThan } from '#e2e/support/stopwatch.ts'

const SLEEPS_MS = 7_000

/** `stops` freezes these people's pages together; what stands still at the end is woken, or its browser could not be closed. */
const test = base.extend<{ stops: (...people: Person[]) => Promise<Frozen> }>({
  stops: async ({ browser: _ }, lend) => {
    const frozen: Frozen[] = []
    await lend(async (...people) => {
      const pids: number[] = []
      for (const { page } of people) pids.push(await processOf(page))
      const now = pids.map(stopProcess)
      frozen.push(...now)
      return { wake: () => now.forEach(({ wake }) => wake()) }
    })
    for (const { wake } of frozen) wake()
  },
})

/** Whether this tab holds the lock of the one that sends for all. */
async function sendsForAll(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    const holderOf = (name: string) => held.find((lock) => lock.name?.startsWith(name))?.clientId
    return holderOf('outbox:') === holderOf(`tab:${sessionStorage.getItem('tidemark:tab')}`)
  })
}

test('what a frozen tab has not sent is sent by another tab of the browser, and nothing is doubled when it wakes', async ({ ann, bob, stops }) => {
  const other = await ann.opensAnotherTab('/chat/lobby')
  await other.connectionIs('live')
  expect(await sendsForAll(ann.page)).toBe(true)
  expect(await sendsForAll(other.page)).toBe(false)

  const lost = ann.line.dropFrames('up', (text) => text.includes('"from the frozen tab"'))
  await ann.writes('from the frozen tab')
  await lost
  await other.sees('from the frozen tab', 'sending')
  const frozen = await stops(ann)
  await bob.sees('from the frozen tab')
  await other.sees('from the frozen tab', 'sent')
  expect(await sendsForAll(other.page)).toBe(true)
  await other.writes('from the other tab')
  await bob.sees('from the other tab')

  frozen.wake()
  await ann.sees('from the frozen tab', 'sent')
  expect(await sendsForAll(ann.page)).toBe(false)
  await ann.writes('from the tab that woke')
  const all = ['from the frozen tab', 'from the other tab', 'from the tab that woke']
  for (const person of [ann, other, bob]) await person.seesInOrder(all)
  for (const tab of [ann, other]) await tab.isUpToDate()
  expect((await bob.messages()).map(({ text, seq }) => [text, seq])).toEqual(all.map((text, i) => [text, i + 1]))
})

for (const { line, withinMs } of [
  { line: 'carries on', withinMs: 2_000 },
  // by asking, within 2.5 s and a redial; heartbeats would take up to 20 s
  { line: 'died meanwhile', withinMs: 6_000 },
]) {
  test(`a page that stood still for seven seconds and whose line ${line} has what it missed soon after it wakes`, async ({ ann, bob, stops }) => {
    const texts: string[] = []
    await takesLessThan(withinMs, async () => {
      const text = `said meanwhile ${texts.length}`
      texts.push(text)
      const frozen = await stops(ann)
      // as after a change of network: the old connection carries nothing more, new ones work
      if (line === 'died meanwhile') ann.line.strand()
      await bob.writes(text)
      const since = Date.now()
      await expect.poll(() => Date.now() - since).toBeGreaterThan(SLEEPS_MS)
      frozen.wake()
      const took = await msOf(ann.sees(text))
      await ann.connectionIs('live')
      return took
    })
    await ann.writes('awake')
    await bob.seesInOrder([...texts, 'awake'])
  })
}

test('a page that the browser froze in the background has what it missed soon after it is thawed', async ({ ann, bob }) => {
  const devtools = await ann.page.context().newCDPSession(ann.page)
  const texts: string[] = []
  await takesLessThan(6_000, async () => {
    const text = `said meanwhile ${texts.length}`
    texts.push(text)
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    await bob.writes(text)
    await bob.sees(text, 'sent')
    ann.line.strand()
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    const took = await msOf(ann.sees(text))
    await ann.connectionIs('live')
    return took
  })
  await ann.writes('good morning')
  await bob.seesInOrder([...texts, 'good morning'])
})

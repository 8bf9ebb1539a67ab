import { expect, test } from '#e2e/support/fixtures.ts'
import { Person } from '#e2e/support/person.ts'

test('a duplicated tab and the one it was made from are both live, and neither replaces the other', async ({ ann, bob }) => {
  await ann.page.evaluate(() => {
    const seen: string[] = []
    new MutationObserver(() => seen.push(document.documentElement.dataset['connection'] ?? '')).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-connection'],
    })
    Object.assign(window, { seen })
  })
  const opened = ann.page.waitForEvent('popup')
  // a window opened by a page begins with a copy of its sessionStorage, as a duplicated tab does
  await ann.page.evaluate(() => void open(location.href))
  const copy = new Person({ name: 'Ann (the copy)', page: await opened, line: ann.line, origin: ann.origin })
  await copy.connectionIs('live')
  expect(await copy.userId()).toBe(await ann.userId())
  const tabId = ({ page }: Person) => page.evaluate(() => sessionStorage.getItem('tidemark:tab'))
  expect(await tabId(copy)).not.toBe(await tabId(ann))

  // no order is promised between people, nor between tabs
  await ann.writes('from the first')
  await bob.sees('from the first')
  await copy.writes('from the copy')
  await bob.sees('from the copy')
  await bob.writes('from Bob')
  for (const person of [ann, copy, bob]) await person.seesInOrder(['from the first', 'from the copy', 'from Bob'])
  await copy.connectionIs('live')
  await ann.connectionIs('live')
  expect(await ann.page.evaluate(() => (window as unknown as { seen: string[] }).seen), 'the first never left').toEqual([])
  expect(copy.faults).toEqual([])
})

import { expect, test } from '#e2e/support/fixtures.ts'
import { Person } from '#e2e/support/person.ts'

test('what is read in one browser is no longer unread in another', async ({ ann, bob, browser }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await bob.opensConversation('Lobby')
  // the same guest in a second browser: who copies a profile has that
  const second = await browser.newContext({ storageState: await ann.page.context().storageState() })
  const elsewhere = new Person({ name: 'Ann (elsewhere)', page: await second.newPage(), line: ann.line, origin: ann.origin })
  await elsewhere.opens(new URL(ann.page.url()).pathname)
  await elsewhere.connectionIs('live')
  expect(await elsewhere.userId()).toBe(await ann.userId())

  for (const text of ['one', 'two']) await bob.writes(text)
  const links = [ann.conversationLink('Lobby'), elsewhere.conversationLink('Lobby')]
  for (const link of links) await expect(link).toHaveAttribute('data-unread', '2')
  await ann.opensConversation('Lobby')
  await ann.sees('two')
  for (const link of links) await expect(link).not.toHaveAttribute('data-unread')
  await elsewhere.connectionIs('live')
  await second.close()
  expect(elsewhere.faults).toEqual([])
})

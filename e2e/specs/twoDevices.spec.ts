import { expect, test } from '#e2e/support/fixtures.ts'
import { Person } from '#e2e/support/person.ts'
import type { Browser } from '@playwright/test'

/** The same guest in a second browser: who copies a profile has that. */
async function elsewhere(browser: Browser, ann: Person): Promise<Person> {
  const context = await browser.newContext({ storageState: await ann.page.context().storageState() })
  const again = new Person({ name: `${ann.name} (elsewhere)`, page: await context.newPage(), line: ann.line, origin: ann.origin })
  await again.opens(new URL(ann.page.url()).pathname)
  await again.connectionIs('live')
  expect(await again.userId()).toBe(await ann.userId())
  return again
}

test('what is read in one browser is no longer unread in another', async ({ ann, bob, browser }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await bob.opensConversation('Lobby')
  const second = await elsewhere(browser, ann)
  for (const text of ['one', 'two']) await bob.writes(text)
  const links = [ann.conversationLink('Lobby'), second.conversationLink('Lobby')]
  for (const link of links) await expect(link).toHaveAttribute('data-unread', '2')
  await ann.opensConversation('Lobby')
  await ann.sees('two')
  for (const link of links) await expect(link).not.toHaveAttribute('data-unread')
  await second.connectionIs('live')
  await second.page.context().close()
  expect(second.faults).toEqual([])
})

test('who tells nobody what they read has it known on their own devices alone, until they tell again', async ({ ann, bob, browser }) => {
  await bob.opens('/settings')
  const choice = bob.page.getByRole('group', { name: 'Tell others what you have read' })
  await choice.getByRole('radio', { name: 'No', exact: true }).check({ force: true })
  await bob.reloads()
  await expect(choice.getByRole('radio', { name: 'No', exact: true })).toBeChecked()

  await ann.writes('one')
  const second = await elsewhere(browser, bob)
  await expect(second.conversationLink('Lobby')).toHaveAttribute('data-unread', '1')
  await bob.opensConversation('Lobby')
  await bob.sees('one')
  await expect(second.conversationLink('Lobby')).not.toHaveAttribute('data-unread')
  await second.page.context().close()
  await expect(ann.row('one')).toHaveAttribute('data-status', 'delivered')

  await bob.opens('/settings')
  await choice.getByRole('radio', { name: 'Yes' }).check({ force: true })
  await expect(choice.getByRole('radio', { name: 'Yes' })).toBeChecked()
  await bob.reloads()
  await ann.writes('two')
  await bob.opensConversation('Lobby')
  await ann.sees('two', 'read')
})

import { expect, test } from '#e2e/support/fixtures.ts'

test('what came while away stands under a divider that counts it, and the divider stays put', async ({ ann, bob }) => {
  await bob.writes('before')
  await ann.sees('before')
  await ann.goesOffline()
  for (const text of ['one', 'two', 'three']) {
    await bob.writes(text)
    await bob.sees(text, 'sent')
  }
  await ann.comesOnline()
  const divider = ann.page.getByTestId('unread-divider')
  await ann.sees('three')
  await expect(divider).toHaveText('3 new while you were away')
  const standsAfter = () => divider.evaluate((node) => node.previousElementSibling?.querySelector('[data-testid="message-text"]')?.textContent)
  expect(await standsAfter()).toBe('before')

  await bob.writes('four')
  await ann.sees('four')
  await expect(divider).toHaveText('3 new while you were away')
  expect(await standsAfter()).toBe('before')
  await expect(ann.page.getByTestId('notice'), 'what is on screen needs no notice').toHaveCount(0)

  await ann.writes('back again')
  await expect(divider).toHaveCount(0)
})

test('what came into another conversation while away is a notice and a badge', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await ann.opensConversation('Lobby')
  await ann.goesOffline()
  for (const text of ['one', 'two']) {
    await bob.writes(text)
    await bob.sees(text, 'sent')
  }
  await ann.comesOnline()
  await expect(ann.page.getByTestId('notice')).toContainText('2 new in 1 conversation')
  await expect(ann.conversationLink('Harbour')).toHaveAttribute('data-unread', '2')
  await expect(ann.page.getByTestId('unread-divider')).toHaveCount(0)
})

test('a conversation made while one was away is on the list after the return', async ({ ann, bob }) => {
  const annId = await ann.userId()
  await ann.goesOffline()
  await bob.opens(`/people/${annId}`)
  await bob.writes('just the two of us')
  await bob.sees('just the two of us', 'sent')
  await expect(ann.conversationLink('Bob')).toHaveCount(0)
  await ann.comesOnline()
  const link = ann.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').filter({ hasText: 'just the two of us' })
  await expect(link).toHaveAttribute('data-unread', '1')
  await link.click()
  await ann.sees('just the two of us')
})

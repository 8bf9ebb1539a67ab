import { expect, test } from '#e2e/support/fixtures.ts'

test('the outbox shows what waits in every conversation; one is cancelled, one edited, three arrive', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await ann.goesOffline()
  for (const [title, texts] of [
    ['Harbour', ['keep', 'cancel me']],
    ['Lobby', ['edit me', 'keep too']],
  ] as const) {
    await ann.opensConversation(title)
    for (const text of texts) {
      await ann.writes(text)
      await ann.sees(text, 'queued')
    }
  }
  await expect(ann.page.getByTestId('outbox-count')).toContainText('4')
  await ann.page.getByTestId('outbox-count').click()
  await expect(ann.page).toHaveURL(/\/outbox$/)
  const rows = ann.page.getByTestId('outbox-row')
  await expect(rows).toHaveCount(4)
  await expect(rows.first().getByRole('button', { name: 'Send now' })).toHaveAccessibleDescription("Sends when you're back")

  await rows.filter({ hasText: 'cancel me' }).getByRole('button', { name: 'Cancel' }).click()
  await expect(rows).toHaveCount(3)
  await rows.filter({ hasText: 'edit me' }).getByRole('button', { name: 'Edit' }).click()
  await ann.page.getByRole('dialog').getByRole('textbox').fill('edited')
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(rows.filter({ hasText: 'edited' })).toHaveCount(1)

  await ann.comesOnline()
  await expect(rows).toHaveCount(0)
  await bob.sees('keep')
  await bob.doesNotSee('cancel me')
  expect((await bob.messages()).length).toBe(1)
  await bob.opensConversation('Lobby')
  await bob.seesInOrder(['edited', 'keep too'])
  expect((await bob.messages()).length).toBe(2)
})

test('a message that waits is edited and another taken back beside their rows', async ({ ann, bob }) => {
  await ann.goesOffline()
  for (const text of ['first try', 'regretted']) {
    await ann.writes(text)
    await ann.sees(text, 'queued')
  }
  await ann.row('regretted').getByRole('button', { name: 'Cancel' }).click()
  await ann.doesNotSee('regretted')
  await ann.row('first try').getByRole('button', { name: 'Edit' }).click()
  await ann.page.getByRole('dialog').getByRole('textbox').fill('second try')
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await ann.sees('second try', 'queued')
  await ann.comesOnline()
  await ann.sees('second try', 'sent')
  await bob.sees('second try')
  expect((await bob.messages()).length).toBe(1)
})

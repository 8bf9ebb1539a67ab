import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

/** The owner takes the only other member out of the open group. */
async function removesTheOther(owner: Person) {
  await owner.page.getByRole('button', { name: 'Details' }).click()
  await owner.page.getByRole('button', { name: /^Remove / }).click()
  await owner.page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(owner.page.getByTestId('member-count')).toHaveText('1')
  await owner.page.keyboard.press('Escape')
  await expect(owner.page.getByRole('dialog')).toHaveCount(0)
}

test('a removed member is told at once, sees nothing further, and is not on the list any more', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await ann.writes('for both')
  await bob.sees('for both')

  await removesTheOther(ann)
  await expect(bob.page.getByTestId('notice').filter({ hasText: 'Harbour' })).toBeVisible()
  await expect(bob.conversationLink('Harbour')).toHaveCount(0)
  await expect(bob.composer).toHaveCount(0)

  await ann.writes('for Ann alone')
  await ann.sees('for Ann alone', 'sent')
  await bob.opensConversation('Lobby')
  await bob.writes('still in the lobby')
  await bob.sees('still in the lobby', 'sent')
  await bob.doesNotSee('for Ann alone')
})

test('what a member had waiting when they were removed is not sent, and says so', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await bob.goesOffline()
  await bob.writes('too late')
  await bob.sees('too late', 'queued')
  await removesTheOther(ann)
  await ann.writes('without Bob')
  await ann.sees('without Bob', 'sent')

  await bob.comesOnline()
  await bob.connectionIs('live')
  await bob.opens('/outbox')
  const row = bob.page.getByTestId('outbox-row').filter({ hasText: 'too late' })
  await expect(row).toHaveAttribute('data-status', 'failed')
  await expect(row).toContainText('Not sent')
  await expect(row.getByRole('button', { name: 'Copy' })).toBeVisible()
  await row.getByRole('button', { name: 'Delete' }).click()
  await expect(row).toHaveCount(0)
  await ann.doesNotSee('too late')
})

test('a removal while offline is learned on the return: the group is gone, a notice says so once, and what waited says why it was not sent', async ({
  ann,
  bob,
}) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await bob.goesOffline()
  for (const text of ['first', 'second']) {
    await bob.writes(text)
    await bob.sees(text, 'queued')
  }
  await bob.opensConversation('Lobby')
  await removesTheOther(ann)

  await bob.comesOnline()
  const notices = bob.page.getByTestId('notice').filter({ hasText: 'You were removed from this conversation' })
  await expect(notices).toHaveCount(1)
  await expect(notices).toContainText('Harbour')
  await expect(bob.conversationLink('Harbour')).toHaveCount(0)

  await bob.reloads()
  await bob.connectionIs('live')
  await bob.page.getByTestId('outbox-count').click()
  const rows = bob.page.getByTestId('outbox-row')
  await expect(rows).toHaveCount(2)
  for (const row of await rows.all()) await expect(row).toContainText('Not sent: you are no longer a member')
  await expect(notices, 'it is not told again after a reload').toHaveCount(0)
  await ann.doesNotSee('first')
})

test('whoever was removed comes back by invitation and reads what follows', async ({ ann, bob }) => {
  const invitation = await ann.makesGroup('Harbour')
  await bob.joins(invitation, 'Harbour')
  await ann.writes('before')
  await bob.sees('before')
  await removesTheOther(ann)
  await ann.writes('meanwhile')
  await ann.sees('meanwhile', 'sent')
  await bob.joins(invitation, 'Harbour')
  await ann.writes('after')
  await bob.sees('after')
})

import { expect, test } from '#e2e/support/fixtures.ts'

test('an invitation shows the group as it is, a newcomer is announced once, and the details count right', async ({ ann, bob }) => {
  const announcements = async () => (await ann.list.innerText()).split('\n').filter((line) => line.endsWith(' joined') && !line.startsWith('You'))
  const invitation = await ann.makesGroup('Harbour')
  for (const text of ['one', 'two']) {
    await ann.writes(text)
    await ann.sees(text, 'sent')
  }
  await bob.opens(invitation)
  await expect(bob.page.getByRole('heading', { name: 'Harbour' })).toBeVisible()
  await expect(bob.page.getByText('1 member', { exact: true })).toBeVisible()
  await bob.page.getByRole('button', { name: 'Join group' }).click()
  await expect(bob.list).toHaveAccessibleName('Messages with Harbour')
  await expect.poll(announcements).toHaveLength(1)

  await bob.writes('three')
  await ann.sees('three')
  for (const person of [ann, bob]) {
    await person.page.getByRole('button', { name: 'Details' }).click()
    await expect(person.page.getByTestId('message-count')).toHaveText('3')
    await expect(person.page.getByTestId('member-count')).toHaveText('2')
    await expect(person.page.getByRole('dialog').getByText('Created')).toBeVisible()
    await person.page.keyboard.press('Escape')
  }
  await ann.reloads()
  await expect.poll(announcements).toHaveLength(1)
})

test('three people talk in a group', async ({ ann, bob, newPerson }) => {
  const cleo = await newPerson('Cleo')
  await cleo.continuesAsGuest()
  const invitation = await ann.makesGroup('Harbour')
  for (const person of [bob, cleo]) await person.joins(invitation, 'Harbour')
  const everybody = [ann, bob, cleo]
  for (const [i, writer] of everybody.entries()) {
    await writer.writes(`ahoy ${i}`)
    for (const person of everybody) await person.sees(`ahoy ${i}`)
  }
  for (const person of everybody) await person.seesInOrder(['ahoy 0', 'ahoy 1', 'ahoy 2'])
})

test('two people who open their conversation at the same time are in the same one, and again the next time', async ({ ann, bob }) => {
  const [annId, bobId] = [await ann.userId(), await bob.userId()]
  await Promise.all([ann.opens(`/people/${bobId}`), bob.opens(`/people/${annId}`)])
  await ann.writes('from both sides')
  await bob.sees('from both sides')
  const address = new URL(ann.page.url()).pathname
  expect(new URL(bob.page.url()).pathname).toBe(address)
  await ann.opens(`/people/${bobId}`)
  await expect(ann.page).toHaveURL(new RegExp(`${address}$`))
  await ann.sees('from both sides')
})

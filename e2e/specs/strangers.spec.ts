import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

const bar = (person: Person) => person.page.getByRole('region', { name: 'Message request' })

/** Registered people, in nobody's group, live. */
async function stranger(person: Person): Promise<Person> {
  await person.registers({ login: person.name.toLowerCase(), password: 'quite a long one' })
  return person
}

/** Looks a person up by the beginning of their name and opens the conversation with them. */
async function finds(person: Person, text: string, name: string) {
  await person.page.getByRole('button', { name: 'Find' }).click()
  const dialog = person.page.getByRole('dialog', { name: 'Find' })
  await dialog.getByRole('combobox').fill(text)
  await dialog.getByRole('group', { name: 'People' }).getByRole('option', { name }).click()
  await expect(person.list).toHaveAccessibleName(`Messages with ${name}`)
}

test('a stranger is found, asks, and is accepted', async ({ newPerson }) => {
  const [ada, ben] = [await stranger(await newPerson('Ada')), await stranger(await newPerson('Benedict'))]
  await finds(ada, 'bene', 'Benedict')
  await expect(bar(ada)).toContainText('Benedict has not accepted yet.')
  await ada.writes('do you have a minute?')
  await ada.sees('do you have a minute?', 'sent')
  await ben.opensConversation('Ada')
  await ben.sees('do you have a minute?')
  await expect(bar(ben)).toContainText('Ada wants to write to you.')
  await bar(ben).getByRole('button', { name: 'Accept' }).click()
  await expect(bar(ben)).toHaveCount(0)
  await expect(bar(ada)).toHaveCount(0)
})

test('an answer accepts', async ({ newPerson }) => {
  const [ada, ben] = [await stranger(await newPerson('Ada')), await stranger(await newPerson('Benedict'))]
  await finds(ada, 'Benedict', 'Benedict')
  await ada.writes('hello')
  await ben.opensConversation('Ada')
  await ben.writes('hello to you')
  await expect(bar(ben)).toHaveCount(0)
  await ada.seesInOrder(['hello', 'hello to you'])
})

test('whoever is blocked reaches nobody, loses nothing, and may be let in again', async ({ newPerson }) => {
  const [ada, ben] = [await stranger(await newPerson('Ada')), await stranger(await newPerson('Benedict'))]
  await finds(ada, 'Benedict', 'Benedict')
  await ada.writes('buy my boat')
  await ben.opensConversation('Ada')
  await bar(ben).getByRole('button', { name: 'Report' }).click()
  const dialog = ben.page.getByRole('dialog', { name: 'Report Ada?' })
  await dialog.getByRole('button', { name: 'Report' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Say what is wrong first.')
  await dialog.getByLabel('What is wrong?').fill('sells boats')
  await dialog.getByRole('button', { name: 'Report' }).click()
  await expect(dialog).toHaveCount(0)
  await bar(ben).getByRole('button', { name: 'Block' }).click()
  await expect(bar(ben)).toContainText('You have blocked Ada.')

  await ada.writes('really, buy it')
  await ada.sees('really, buy it', 'failed')
  await ben.isUpToDate()
  await ben.doesNotSee('really, buy it')
  await ben.opens('/settings')
  await ben.page.getByRole('button', { name: 'Unblock Ada' }).click()
  await expect(ben.page.getByRole('heading', { name: 'Blocked' })).toHaveCount(0)
  await ada.row('really, buy it').getByRole('button', { name: 'Retry' }).click()
  await ada.sees('really, buy it', 'sent')
  await ben.opensConversation('Ada')
  await ben.sees('really, buy it')
})

test('whoever wants to hear from nobody new is not found, and says so to who knows where they live', async ({ newPerson }) => {
  const [ada, ben] = [await stranger(await newPerson('Ada')), await stranger(await newPerson('Benedict'))]
  await ben.opens('/settings')
  const choice = ben.page.getByRole('group', { name: 'Who may begin to write to you' })
  await choice.getByRole('radio', { name: 'Nobody' }).check({ force: true })
  await ben.reloads()
  await expect(choice.getByRole('radio', { name: 'Nobody' })).toBeChecked()
  await ada.page.getByRole('button', { name: 'Find' }).click()
  const dialog = ada.page.getByRole('dialog', { name: 'Find' })
  await dialog.getByRole('combobox').fill('bene')
  await expect(dialog.getByRole('status')).toContainText('Nobody is called like this, or wants to be found.')
  await ada.opens(`/people/${await ben.userId()}`)
  await expect(ada.page.getByText('This person does not take messages from people they do not know.')).toBeVisible()
})

test('a link lets in as many as it says, and nobody once it was taken back', async ({ ann, bob, newPerson }) => {
  await ann.makesGroup('Harbour')
  await ann.page.getByRole('button', { name: 'Invite' }).click()
  const dialog = ann.page.getByRole('dialog', { name: 'Invite to Harbour' })
  const link = dialog.getByRole('textbox', { name: 'Invite link' })
  await expect(link).toHaveValue(/\/join\//)
  const lasting = await link.inputValue()
  await dialog.getByLabel('Lets in').selectOption('1 person')
  await expect(dialog.getByTestId('invite-row')).toHaveCount(2)
  await expect(link).toHaveValue(/\/join\//)
  await expect(link).not.toHaveValue(lasting)
  const once = new URL(await link.inputValue()).pathname
  await bob.joins(once, 'Harbour')
  const cleo = await newPerson('Cleo')
  await cleo.continuesAsGuest()
  await cleo.opens(once)
  await expect(cleo.page.getByText('This invitation does not work')).toBeVisible()
  const [code] = lasting.split('/').slice(-1)
  await dialog.getByRole('button', { name: `Take back ${code}` }).click()
  await expect(dialog.getByTestId('invite-row')).toHaveCount(0)
  await cleo.opens(`/join/${code}`)
  await expect(cleo.page.getByText('This invitation does not work')).toBeVisible()
})

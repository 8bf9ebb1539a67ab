import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

const names = (person: Person) => person.page.getByRole('listbox', { name: 'Mention' })
const mention = (person: Person, text: string) => person.row(text).locator('[data-mention]')

async function registered(person: Person): Promise<Person> {
  await person.registers({ login: person.name.toLowerCase().replace(' ', '-'), password: 'quite a long one' })
  return person
}

for (const cut of [false, true]) {
  const when = cut ? ', with the line cut in the middle' : ''

  test(`somebody is mentioned by the beginning of their name, and sees it${when}`, async ({ newPerson }) => {
    const [ada, ben] = [await registered(await newPerson('Ada')), await registered(await newPerson('Benedict Lee'))]
    // in a lobby of any size whoever wrote something can be mentioned
    await ben.writes('who comes along?')
    await ada.sees('who comes along?')
    if (cut) {
      await ada.page.waitForLoadState('networkidle')
      await ada.goesOffline()
    }
    await ada.composer.pressSequentially('ask @be')
    await expect(names(ada).getByRole('option')).toHaveText(['Benedict Lee'])
    await expect(ada.composer).toHaveAttribute('aria-activedescendant', (await names(ada).getByRole('option').getAttribute('id'))!)
    await ada.composer.press('Enter')
    await expect(ada.composer).toHaveValue('ask @Benedict Lee ')
    await expect(names(ada)).toHaveCount(0)
    await ada.composer.pressSequentially('about it')
    await ada.composer.press('Enter')
    await expect(mention(ada, 'ask @Benedict Lee about it')).toHaveAttribute('data-mention', 'other')
    if (cut) await ada.comesOnline()
    await expect(mention(ben, 'ask @Benedict Lee about it')).toHaveAttribute('data-mention', 'me')
  })
}

test('names are put away with Escape, which leaves the reply alone, and come in a change of a message as well', async ({ newPerson }) => {
  const [ada, ben] = [await registered(await newPerson('Ada')), await registered(await newPerson('Benedict Lee'))]
  await ben.writes('hello')
  await ada.sees('hello')
  await (await ada.tools('hello')).getByRole('button', { name: 'Reply' }).click()
  await ada.composer.pressSequentially('you @b')
  await expect(names(ada)).toBeVisible()
  await ada.page.keyboard.press('Escape')
  await expect(names(ada)).toHaveCount(0)
  await expect(ada.page.getByTestId('reply-bar')).toBeVisible()
  await ada.page.keyboard.press('Enter')
  await ada.sees('you @b', 'sent')

  await ada.chooses('you @b', 'Edit')
  const box = ada.page.getByRole('textbox', { name: /^Change your message/ })
  await expect(box).toBeFocused()
  await box.press('End')
  await box.pressSequentially('en')
  await names(ada).getByRole('option', { name: 'Benedict Lee' }).click()
  await expect(box).toHaveValue('you @Benedict Lee ')
  await expect(box).toBeFocused()
  await box.press('Enter')
  await expect(mention(ben, 'you @Benedict Lee ')).toHaveAttribute('data-mention', 'me')
})

test('a whole name is sent by Enter, though a longer one begins like it', async ({ newPerson }) => {
  const people = ['Ada', 'Ben', 'Ben Lee']
  const [ada, ben, lee] = await Promise.all(people.map(async (name) => registered(await newPerson(name))))
  for (const one of [ben!, lee!]) await one.writes(`I am ${one.name}`)
  await ada!.sees('I am Ben Lee')
  await ada!.sees('I am Ben')
  await ada!.composer.pressSequentially('hey @ben')
  await expect(names(ada!).getByRole('option')).toHaveText(['Ben Lee'])
  await ada!.composer.press('Enter')
  await expect(mention(ben!, 'hey @ben')).toHaveAttribute('data-mention', 'me')
  await ada!.composer.pressSequentially('hey @ben')
  await ada!.composer.press('ArrowDown')
  await ada!.composer.press('Tab')
  await expect(ada!.composer).toHaveValue('hey @Ben Lee ')
})

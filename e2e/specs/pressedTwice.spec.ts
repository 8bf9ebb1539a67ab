import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

const button = (person: Person) => person.page.getByRole('button', { name: 'Send', exact: true })

const WAYS: Record<string, (person: Person) => Promise<void>> = {
  'Enter twice in a row': async ({ composer }) => {
    await composer.press('Enter')
    await composer.press('Enter')
  },
  'Enter held down': async ({ page }) => {
    for (let i = 0; i < 5; i++) await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
  },
  'a double click': (person) => button(person).dblclick(),
  'two clicks in one turn': (person) =>
    button(person).evaluate((send: HTMLButtonElement) => {
      send.click()
      send.click()
    }),
  'a click and Enter': async (person) => {
    await button(person).click()
    await person.page.keyboard.press('Enter')
  },
}

test('one message goes once, however often Send is pressed', async ({ ann, bob }) => {
  const texts = Object.keys(WAYS)
  for (const [text, press] of Object.entries(WAYS)) {
    await ann.composer.fill(text)
    await press(ann)
    await ann.sees(text, 'sent')
    await expect(ann.composer).toHaveValue('')
  }
  await bob.seesInOrder(texts)
  for (const person of [ann, bob]) expect((await person.messages()).map(({ text }) => text)).toEqual(texts)
})

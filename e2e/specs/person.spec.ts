import { expect, test } from '#e2e/support/fixtures.ts'

test('whoever wrote something is looked at, and written to, by mouse or keys; the way back closes the card', async ({ ann, newPerson }) => {
  const bob = await newPerson('Bob')
  await bob.registers({ login: 'bob', password: 'a long word for the door' })
  await bob.writes('hello there')
  await ann.sees('hello there')
  const name = (await bob.page.getByRole('button', { name: /^You are / }).getAttribute('aria-label'))!.replace('You are ', '')
  const card = ann.page.getByRole('dialog', { name })

  await ann.list.locator('[data-person]').first().click()
  await expect(card).toContainText('Active now')
  await expect(ann.page).toHaveURL(/\/chat\/lobby\?person=/)
  await ann.page.goBack()
  await expect(card).toBeHidden()

  await ann.composer.focus()
  await ann.page.keyboard.press('Shift+F6')
  await ann.page.keyboard.press('End')
  await expect(ann.row('hello there')).toBeFocused()
  await ann.chooses('hello there', `About ${name}`)
  await expect(card).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await expect(card).toBeHidden()
  await expect(ann.row('hello there').and(ann.page.locator(':focus-within'))).toBeVisible()

  await ann.page.getByRole('button', { name: 'Details' }).click()
  await ann.page.getByRole('dialog').getByRole('link', { name, exact: true }).click()
  await card.getByRole('link', { name: 'Message' }).click()
  await expect(ann.list).toHaveAccessibleName(`Messages with ${name}`)
  await expect(card).toBeHidden()
  await ann.writes('just us')
  await ann.sees('just us', 'sent')
})

import { expect, test } from '#e2e/support/fixtures.ts'

test('a newcomer talks after one press, under a name of ours, and takes another one that others see', async ({ newPerson, bob }) => {
  const cleo = await newPerson('Cleo')
  await cleo.continuesAsGuest()
  await cleo.writes('just arrived')
  await bob.sees('just arrived')
  await expect(bob.row('just arrived')).toContainText(/[A-Z][a-z]+[A-Z][a-z]+\d{3}/)

  await cleo.opens('/settings')
  const name = cleo.page.getByRole('textbox', { name: 'Your name' })
  await expect(name).toHaveValue(/^[A-Z][a-z]+[A-Z][a-z]+\d{3}$/)
  await name.fill('Cleo of the Nile')
  await name.press('Enter')
  await expect(cleo.page.getByText('Saved.')).toBeVisible()
  await cleo.opens('/chat/lobby')
  await cleo.writes('under my own name')
  await bob.sees('under my own name')
  await expect(bob.row('under my own name')).toContainText('Cleo of the Nile')
})

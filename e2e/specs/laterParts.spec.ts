import { expect, test } from '#e2e/support/fixtures.ts'

const LATER = /\/assets\/later-.*\.js$/

test('whoever loses the network as soon as the page is live has all of the page: banner, actions and screens', async ({ ann }) => {
  await ann.goesOffline()
  await expect(ann.banner).toContainText("You're offline.")
  await ann.writes('noted')
  await ann.sees('noted', 'queued')
  await ann.row('noted').hover()
  await ann.row('noted').getByRole('button', { name: 'Edit' }).click()
  await expect(ann.page.getByRole('dialog', { name: 'Edit waiting message' })).toBeVisible()
  await ann.page.keyboard.press('Escape')
  for (const [item, heading] of [
    ['Settings', 'Settings'],
    ['Outbox', 'Outbox'],
  ] as const) {
    await ann.page.getByRole('button', { name: /^You are / }).click()
    await ann.page.getByRole('menuitem', { name: item }).click()
    await expect(ann.page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
  }
})

test('what could not be had with the page comes when it can be; until then one reads and writes', async ({ newPerson }) => {
  const ann = await newPerson('Ann')
  await ann.page.route(LATER, (route) => route.abort())
  await ann.continuesAsGuest()
  await ann.writes('sent without it')
  await ann.sees('sent without it', 'sent')
  await ann.page.context().setOffline(true)
  await expect(ann.chip).toHaveText('Offline')
  await expect(ann.banner).toHaveCount(0)

  const arrives = ann.page.waitForResponse((response) => LATER.test(response.url()) && response.ok())
  await ann.page.unrouteAll()
  await ann.comesOnline()
  await arrives
  await ann.connectionIs('live')
  await ann.goesOffline()
  await expect(ann.banner).toContainText("You're offline.")
})

test('who searches what is kept here, where the part for it could not be had, is told so and not left waiting', async ({ newPerson }) => {
  const ann = await newPerson('Ann')
  await ann.page.route(/\/assets\/browserStorage-.*\.js$/, (route) => route.abort())
  await ann.continuesAsGuest()
  await ann.writes('kept all the same')
  await ann.sees('kept all the same', 'sent')
  await ann.goesOffline()
  await ann.sees('kept all the same')
  await ann.page.keyboard.press('Control+k')
  await ann.page.getByRole('combobox').fill('kept')
  await ann.page.getByRole('option', { name: 'Search messages for “kept”' }).click()
  await expect(ann.page.getByTestId('search-count')).toHaveText("The server can't be reached. Check your connection and try again. Try again")
})

import { expect, test } from '#e2e/support/fixtures.ts'

const DAY_MS = 24 * 3_600_000

test('back after three days, one is asked before what was written then goes out, and it goes in its order', async ({ ann, bob }) => {
  await ann.goesOffline()
  for (const text of ['first', 'second', 'third']) {
    await ann.writes(text)
    await ann.sees(text, 'queued')
  }
  await ann.page.clock.install({ time: Date.now() + 3 * DAY_MS })
  await ann.page.clock.resume()
  await ann.comesOnline()
  const question = ann.page.getByRole('dialog', { name: 'Send 3 unsent messages?' })
  await expect(question).toBeVisible()
  await bob.doesNotSee('first')

  await question.getByRole('button', { name: 'Look first' }).click()
  await expect(ann.page).toHaveURL(/\/outbox$/)
  const rows = ann.page.getByTestId('outbox-row')
  await rows.filter({ hasText: 'second' }).getByRole('button', { name: 'Cancel' }).click()
  await expect(rows).toHaveCount(2)
  await bob.doesNotSee('first')
  await ann.page.getByRole('button', { name: 'Send all' }).click()
  await expect(rows).toHaveCount(0)
  await bob.seesInOrder(['first', 'third'])
  await bob.doesNotSee('second')
})

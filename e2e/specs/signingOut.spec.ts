import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

async function asksToSignOut(person: Person) {
  await person.page.getByRole('button', { name: /^You are / }).click()
  await person.page.getByRole('menuitem', { name: 'Sign out' }).click()
  return person.page.getByRole('dialog', { name: 'Sign out?' })
}

test('who signs out with words that wait is warned; who comes next in this browser neither sees nor sends them', async ({ ann, bob }) => {
  const who = await ann.userId()
  await ann.writes('sent by the first')
  await bob.sees('sent by the first')
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.writes('left behind')
  await ann.sees('left behind', 'queued')
  await ann.composer.fill('half a thought')

  const question = await asksToSignOut(ann)
  await expect(question).toContainText('1 message has not been sent yet.')
  await question.getByRole('button', { name: 'Stay' }).click()
  await ann.sees('left behind', 'queued')
  await (await asksToSignOut(ann)).getByRole('button', { name: 'Sign out' }).click()
  const enter = ann.page.getByRole('button', { name: 'Continue as guest' })
  await expect(enter).toBeVisible()

  ann.line.pass()
  await enter.click()
  await ann.connectionIs('live')
  expect(await ann.userId()).not.toBe(who)
  await ann.opens('/chat/lobby')
  await ann.sees('sent by the first')
  expect((await ann.messages()).map(({ mine }) => mine)).toEqual([false])
  await expect(ann.composer).toHaveValue('')
  await ann.writes('sent by the second')
  await bob.seesInOrder(['sent by the first', 'sent by the second'])
  await ann.reloads()
  await ann.connectionIs('live')
  await ann.isUpToDate()
  await ann.doesNotSee('left behind')
  expect((await bob.messages()).map(({ text }) => text)).toEqual(['sent by the first', 'sent by the second'])
  await ann.opens('/outbox')
  await expect(ann.page.getByText('Nothing is waiting')).toBeVisible()
})

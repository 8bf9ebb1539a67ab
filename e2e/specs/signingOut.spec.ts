import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

async function asksToSignOut(person: Person) {
  await person.signsOut()
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
  await expect(question).toContainText('1 message has not been sent yet. 1 draft is not finished. If you sign out now, they are lost.')
  await question.getByRole('button', { name: 'Stay' }).click()
  await ann.sees('left behind', 'queued')
  await (await asksToSignOut(ann)).getByRole('button', { name: 'Delete them and sign out' }).click()
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

test('who signs out while offline is signed out, not offline, and whoever comes next once the network is back is live', async ({ ann, bob }) => {
  await ann.goesOffline()
  await (await asksToSignOut(ann)).getByRole('button', { name: 'Sign out' }).click()
  const enter = ann.page.getByRole('button', { name: 'Continue as guest' })
  await expect(enter).toBeVisible()
  await ann.connectionIs('signed-out')
  await ann.comesOnline()
  await enter.click()
  await ann.connectionIs('live')
  await expect(ann.chip).toHaveText('Connected')
  await ann.writes('here again')
  await bob.sees('here again')
  await ann.goesOffline()
  await ann.comesOnline()
  await ann.connectionIs('live')
})

/** Everything this browser keeps for the app, as one text; but for a moment ago, when tabs let go. */
const keptIn = (person: Person) =>
  person.page.evaluate(async () => {
    const all: unknown[] = [{ ...localStorage }]
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name!)
        opening.addEventListener('success', () => resolve(opening.result))
      })
      for (const store of db.objectStoreNames) {
        const reading = db.transaction(store).objectStore(store).getAll()
        all.push(await new Promise((resolve) => reading.addEventListener('success', () => resolve(reading.result))))
      }
      db.close()
    }
    return JSON.stringify(all)
  })

test('on a shared computer nothing of who signed out stays, in whichever tab it was', async ({ ann, bob }) => {
  await bob.writes('what Bob said')
  await ann.sees('what Bob said')
  const tab = await ann.opensAnotherTab('/chat/lobby')
  await tab.composer.fill('a draft in the other tab')
  await tab.isUpToDate()
  await expect.poll(() => keptIn(ann)).toContain('a draft in the other tab')
  expect(await keptIn(ann)).toContain('what Bob said')
  await (await asksToSignOut(ann)).getByRole('button', { name: 'Sign out' }).click()
  for (const one of [ann, tab]) await expect(one.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()
  await expect.poll(() => keptIn(ann)).not.toMatch(/what Bob said|a draft in the other tab/)
})

test('a registered person may leave what waits, and it goes out when they are back', async ({ newPerson, bob }) => {
  const account = { login: 'ada', password: 'quite a long one' }
  const ada = await newPerson('Ada')
  await ada.registers(account)
  await ada.goesOffline()
  await ada.writes('for later')
  await ada.sees('for later', 'queued')
  await ada.composer.fill('half a thought')
  await (await asksToSignOut(ada)).getByRole('button', { name: 'Keep them and sign out' }).click()
  await expect(ada.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()
  await ada.comesOnline()
  await ada.continuesAsGuest()
  await ada.isUpToDate()
  await expect(ada.composer).toHaveValue('')
  await bob.doesNotSee('for later')
  await (await asksToSignOut(ada)).getByRole('button', { name: 'Sign out' }).click()
  await ada.signsIn(account)
  await ada.connectionIs('live')
  await bob.sees('for later')
  await expect(ada.composer).toHaveValue('half a thought')
})

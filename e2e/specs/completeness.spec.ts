import type { Page } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'

/** What a failing disk does: a text kept in this browser becomes another one. */
const damages = (page: Page, text: string, into: string) =>
  page.evaluate(
    async ([before, after]) => {
      const names = (await indexedDB.databases()).flatMap(({ name }) => (name?.startsWith('tidemark:') ? [name] : []))
      let changed = 0
      for (const name of names) {
        const db = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(name)
          opening.addEventListener('success', () => resolve(opening.result))
          opening.addEventListener('error', () => reject(new Error('the database does not open')))
        })
        const transaction = db.transaction('messages', 'readwrite')
        const rows = transaction.objectStore('messages').openCursor()
        rows.addEventListener('success', () => {
          const cursor = rows.result
          if (!cursor) return
          const message = cursor.value as { body: string }
          if (message.body === before) {
            cursor.update({ ...message, body: after })
            changed++
          }
          cursor.continue()
        })
        await new Promise((resolve) => transaction.addEventListener('complete', resolve))
        db.close()
      }
      return changed
    },
    [text, into] as const,
  )

test('a check against the server finds what this browser kept wrongly, mends it and says so', async ({ ann, bob }) => {
  for (const text of ['one', 'two', 'three']) await bob.writes(text)
  await ann.sees('three')
  await ann.page.getByRole('button', { name: 'Details' }).click()
  const result = ann.page.getByTestId('check-result')
  await ann.page.getByRole('button', { name: 'Check against server' }).click()
  await expect(result).toHaveText(/^All 3 messages are kept here as on the server\. Checked at \d\d:\d\d:\d\d/)
  await ann.page.keyboard.press('Escape')

  expect(await damages(ann.page, 'two', 'damaged')).toBe(1)
  await ann.page.reload()
  await ann.sees('damaged')
  await ann.page.getByRole('button', { name: 'Details' }).click()
  await ann.page.getByRole('button', { name: 'Check against server' }).click()
  await expect(result).toHaveText('1 of 3 messages kept here differed from the server. They were fetched again.')
  await ann.page.keyboard.press('Escape')
  await ann.seesInOrder(['one', 'two', 'three'])
  await ann.doesNotSee('damaged')
})

test('a check without a connection says what to do', async ({ ann }) => {
  await ann.writes('here')
  await ann.sees('here', 'sent')
  await ann.goesOffline()
  await ann.page.getByRole('button', { name: 'Details' }).click()
  await ann.page.getByRole('button', { name: 'Check against server' }).click()
  await expect(ann.page.getByTestId('check-result')).toHaveText('The check needs a connection. Try again when you are back.')
})

import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

const leftBehind = (person: Person, what: 'words' | 'drafts') =>
  person.page.evaluate((part) => Object.keys(localStorage).filter((key) => key.startsWith(`tidemark:${part}:`)), what)

/** As somebody does who does not stop to think. */
const steadily = { delay: 100 }

test('what is typed without a pause is there after a reload, to the last key', async ({ ann }) => {
  const text = 'a sentence of thirty characters'
  await ann.composer.pressSequentially(text, steadily)
  await ann.reloads()
  await expect(ann.composer).toHaveValue(text)
})

test('what was typed while nothing could be kept is there after a reload, and is kept then', async ({ ann }) => {
  await ann.canKeepNothing()
  await ann.composer.fill('nowhere kept')
  await ann.reloads()
  await expect(ann.composer).toHaveValue('nowhere kept')
  await ann.connectionIs('live')
  await expect.poll(() => leftBehind(ann, 'drafts')).toEqual([])
  await ann.reloads()
  await expect(ann.composer).toHaveValue('nowhere kept')
})

test('two tabs write two messages in one conversation: sending one leaves the other where it is', async ({ ann, bob }) => {
  const other = await ann.opensAnotherTab('/chat/lobby')
  await other.connectionIs('live')
  await other.composer.fill('a long text')
  await ann.composer.pressSequentially('a quick answer', steadily)
  await expect(other.composer).toHaveValue('a long text')
  await ann.composer.press('Enter')
  await bob.sees('a quick answer')
  await other.reloads()
  await expect(other.composer).toHaveValue('a long text')
  await ann.reloads()
  await ann.sees('a quick answer', 'sent')
  await expect(ann.composer).toHaveValue('')
})

test('a text whose tab was closed stands in the next one, and is gone when it was sent from there', async ({ ann, bob }) => {
  const other = await ann.opensAnotherTab('/chat/lobby')
  await other.connectionIs('live')
  await other.composer.fill('taken over')
  await other.page.close({ runBeforeUnload: true })
  const next = await ann.opensAnotherTab('/chat/lobby')
  await expect(next.composer).toHaveValue('taken over')
  await next.composer.press('Enter')
  await bob.sees('taken over')
  await next.sees('taken over', 'sent')
  for (const tab of [next, ann]) {
    await tab.reloads()
    await tab.sees('taken over', 'sent')
    await expect(tab.composer).toHaveValue('')
  }
})

test('a tab closed before its message could be kept leaves it to the one that stays open, which sends it once', async ({ ann, bob }) => {
  const closing = await ann.opensAnotherTab('/chat/lobby')
  await closing.connectionIs('live')
  await ann.composer.fill('something else')
  await closing.canKeepNothing()
  closing.page.on('dialog', (dialog) => void dialog.accept())
  await closing.writes('last words')
  await closing.sees('last words', 'saving')
  const closed = closing.page.waitForEvent('close')
  await closing.page.close({ runBeforeUnload: true })
  await closed
  await bob.sees('last words')
  await ann.sees('last words', 'sent')
  await expect.poll(() => leftBehind(ann, 'words')).toEqual([])
  await expect(ann.composer).toHaveValue('something else')
  await ann.reloads()
  await ann.sees('last words', 'sent')
  await expect(ann.composer).toHaveValue('something else')
  expect((await bob.messages()).length).toBe(1)
})

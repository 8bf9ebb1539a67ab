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

const letter = { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear Bob') }

for (const cut of ['', ', without a line in between'])
  test(`what is answered and a file that is attached are there after a reload${cut}, and go out with the words`, async ({ ann, bob }) => {
    await bob.writes('shall we?')
    await ann.sees('shall we?')
    if (cut) ann.line.refuse()
    await (await ann.tools('shall we?')).getByRole('button', { name: 'Reply' }).click()
    await ann.attaches(letter)
    await ann.composer.pressSequentially('yes, as it says', steadily)
    ann.line.pass()
    await ann.reloads()
    await expect(ann.page.getByTestId('reply-bar')).toContainText('shall we?')
    await expect(ann.page.getByTestId('attached-file')).toContainText('letter.txt')
    await expect(ann.composer).toHaveValue('yes, as it says')
    await ann.composer.press('Enter')
    await ann.sees('yes, as it says', 'sent')
    await expect(bob.row('yes, as it says')).toContainText('shall we?')
    await expect(bob.row('yes, as it says').getByTestId('message-file')).toContainText('letter.txt')
    await expect(ann.page.getByTestId('reply-bar')).toHaveCount(0)
    await ann.reloads()
    await ann.sees('yes, as it says', 'sent')
    await expect(ann.composer).toHaveValue('')
    await expect(ann.page.getByTestId('attached-file')).toHaveCount(0)
  })

test('a change that is half written is there after a reload, also when another one was begun meanwhile', async ({ ann, bob }) => {
  const box = ann.page.getByRole('textbox', { name: /^Change your message/ })
  await ann.writes('frist')
  await ann.writes('secnod')
  await ann.sees('secnod', 'sent')
  await ann.composer.fill('and a draft')
  await ann.chooses('frist', 'Edit')
  await box.fill('first of')
  await ann.reloads()
  await expect(box).toHaveValue('first of')
  await ann.chooses('secnod', 'Edit')
  await expect(box).toHaveValue('secnod')
  await box.fill('second')
  await box.press('Enter')
  await bob.sees('second')
  await expect(ann.composer).toHaveValue('and a draft')
  await ann.chooses('frist', 'Edit')
  await expect(box).toHaveValue('first of')
  await box.pressSequentially(' all', steadily)
  await box.press('Enter')
  await bob.sees('first of all')
})

test('the words of a message whose file is taken back while it is on its way are in the composer again', async ({ ann, bob }) => {
  await bob.writes('hello')
  await ann.sees('hello')
  ann.line.refuse()
  await ann.attaches(letter)
  await ann.composer.fill('with a letter')
  await ann.composer.press('Enter')
  await expect(ann.composer).toHaveValue('')
  await ann.composer.fill('meanwhile')
  await ann.page.getByTestId('upload-row').getByRole('button', { name: 'Cancel' }).click()
  await expect(ann.composer).toHaveValue('meanwhile\nwith a letter')
  ann.line.pass()
  await ann.reloads()
  await expect(ann.composer).toHaveValue('meanwhile\nwith a letter')
})

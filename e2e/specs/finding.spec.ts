import { expect, test } from '#e2e/support/fixtures.ts'
import { fillsTheLobby } from '#e2e/support/fillsTheLobby.ts'
import type { Person } from '#e2e/support/person.ts'

test.use({ settings: { LIMIT_MESSAGES: '1000/1000' } })

const finder = (person: Person) => person.page.getByRole('dialog', { name: 'Find' })
const hits = (person: Person) => person.page.getByTestId('search-hit')

/** By the keyboard, from wherever one is. */
async function searchesFor(person: Person, words: string) {
  await person.page.keyboard.press('Control+k')
  await finder(person).getByRole('combobox').fill(words)
  await expect(finder(person).getByRole('option', { name: `Search messages for “${words}”` })).toHaveAttribute('aria-selected', 'true')
  await person.page.keyboard.press('Enter')
  await expect(person.page.getByRole('searchbox', { name: 'Search messages' })).toHaveValue(words)
}

for (const cut of [false, true]) {
  const when = cut ? ', without a connection among what is kept here' : ''

  test(`an old message is found by its words, and the way leads to it and back${when}`, async ({ ann, bob, server }) => {
    await bob.writes('the anchor is in the blue shed')
    await ann.sees('the anchor is in the blue shed')
    await fillsTheLobby(server.url)
    await ann.sees('filler 199')
    await ann.isUpToDate()
    await ann.doesNotSee('the anchor is in the blue shed')
    if (cut) {
      // what comes after the first screen is here
      await ann.page.waitForLoadState('networkidle')
      await ann.goesOffline()
    }

    await searchesFor(ann, 'SHED anch')
    if (cut) await expect(ann.page.getByText('Only messages that are kept on this device are searched.')).toBeVisible()
    await expect(hits(ann)).toHaveCount(1)
    await expect(ann.page.getByTestId('search-count')).toHaveText(cut ? '1 message on this device matches' : '1 message matches')
    await expect(hits(ann)).toContainText(' in Lobby')
    expect(await hits(ann).locator('mark').allTextContents()).toEqual(['anchor', 'shed'])
    await hits(ann).click()
    await expect(ann.row('the anchor is in the blue shed')).toBeFocused()
    await expect(ann.page).toHaveURL(/\/chat\/lobby$/)
    await ann.page.goBack()
    await expect(hits(ann)).toHaveCount(1)
    // a search from the search is another one
    await searchesFor(ann, 'nowhere')
    await expect(ann.page.getByTestId('search-count')).toContainText('match “nowhere”')
    await ann.page.goBack()
    await expect(hits(ann)).toHaveCount(1)
    if (cut) {
      await ann.comesOnline()
      await expect(ann.page.getByText('Only messages that are kept')).toHaveCount(0)
      await expect(hits(ann)).toHaveCount(1)
    }
  })
}

test('a search is narrowed to who wrote it, where and when', async ({ ann, bob }) => {
  const path = await ann.makesGroup('Boats')
  await ann.writes('a boat of mine')
  await bob.joins(path, 'Boats')
  await bob.writes('a boat of ours')
  await ann.sees('a boat of ours')
  await ann.opensConversation('Lobby')
  await ann.writes('any boat at all')
  await ann.sees('any boat at all', 'sent')
  await ann.opens('/search?q=boat')
  await expect(ann.page.getByTestId('search-count')).toHaveText('3 messages match')
  expect(await hits(ann).locator('[dir=auto]').allTextContents()).toEqual(['any boat at all', 'a boat of ours', 'a boat of mine'])
  const form = ann.page.getByRole('search')
  await form.getByRole('combobox', { name: 'In', exact: true }).selectOption('Boats')
  await expect(hits(ann)).toHaveCount(2)
  await form.getByRole('combobox', { name: 'From', exact: true }).selectOption('Me')
  await expect(hits(ann)).toHaveText([/a boat of mine/])
  await form.getByLabel('Before').fill('2024-01-01')
  await expect(ann.page.getByTestId('search-count')).toContainText('No messages match “boat”.')
  // what was chosen stands in the address
  await ann.reloads()
  await expect(form.getByLabel('Before')).toHaveValue('2024-01-01')
  await form.getByLabel('Before').fill('')
  await form.getByRole('textbox', { name: 'Since' }).fill('2024-01-01')
  await expect(hits(ann)).toHaveText([/a boat of mine/])
})

test('who joins a group finds nothing that was said before', async ({ ann, bob }) => {
  const path = await ann.makesGroup('Quiet')
  await ann.writes('a secret about the boat')
  await bob.joins(path, 'Quiet')
  await ann.writes('welcome to the boat')
  await bob.sees('welcome to the boat')
  await bob.opens('/search?q=boat')
  await expect(hits(bob)).toHaveText([/welcome to the boat/])
})

test('a deleted message is found no more, and a changed one by its new words', async ({ ann, bob }) => {
  await ann.writes('meet at the harbour')
  await ann.writes('bring a towel')
  await ann.sees('bring a towel', 'sent')
  await ann.changes('meet at the harbour', 'meet at the station')
  await bob.sees('meet at the station')
  await ann.chooses('bring a towel', 'Delete')
  // not before the moment is over in which it can be undone
  await expect(bob.page.locator('[data-testid="message"][data-deleted]')).toHaveCount(1, { timeout: 20_000 })
  for (const [words, count] of [
    ['harbour', 0],
    ['towel', 0],
    ['station', 1],
  ] as const) {
    await bob.opens(`/search?q=${words}`)
    await expect(bob.page.getByTestId('search-count')).toHaveText(count === 0 ? /No messages match/ : '1 message matches')
  }
})

test('a link leads to one message, wherever it stands', async ({ ann, bob, server }) => {
  await bob.writes('the very first words')
  await ann.sees('the very first words')
  const { id } = (await ann.messages()).find(({ text }) => text === 'the very first words')!
  await fillsTheLobby(server.url)
  await ann.opens(`/chat/lobby?message=${id}`)
  await expect(ann.row('the very first words')).toBeFocused()
  await ann.opens('/chat/lobby?message=0a000000-0000-7000-8000-00000000dead')
  await expect(ann.page.getByTestId('notice')).toContainText('message')
  await expect(ann.list.getByTestId('message').first()).toBeVisible()
})

test('a conversation is reached by the beginning of its name, and a person too', async ({ ann, newPerson }) => {
  const ben = await newPerson('Benedict')
  await ben.registers({ login: 'benedict', password: 'quite a long one' })
  await ann.makesGroup('Harbour walk')
  await ann.opensConversation('Lobby')
  await ann.reloads()
  await ann.connectionIs('live')
  await expect(ann.page.getByRole('button', { name: 'Find' })).toBeVisible()
  await ann.composer.focus()
  // nobody waits for a dialog before typing on, and no key of it is for the composer
  await ann.page.keyboard.press('Control+k')
  await ann.page.keyboard.type('wa ha')
  await expect(finder(ann).getByRole('combobox')).toHaveValue('wa ha')
  await expect(ann.composer).toHaveValue('')
  await expect(finder(ann).getByRole('option').first()).toHaveText(/Harbour walk/)
  await ann.page.keyboard.press('Enter')
  await expect(ann.list).toHaveAccessibleName('Messages with Harbour walk')

  await ann.page.keyboard.press('Control+k')
  await finder(ann).getByRole('combobox').fill('bene')
  await expect(
    finder(ann)
      .getByRole('group', { name: 'People' })
      .getByRole('option', { name: /Benedict/ }),
  ).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await expect(finder(ann)).toHaveCount(0)

  await ann.page.waitForLoadState('networkidle')
  await ann.goesOffline()
  await ann.page.keyboard.press('Control+k')
  await finder(ann).getByRole('combobox').fill('lob')
  await expect(finder(ann).getByRole('status')).toContainText('You are not connected')
  await ann.page.keyboard.press('Enter')
  await expect(ann.list).toHaveAccessibleName('Messages with Lobby')
})

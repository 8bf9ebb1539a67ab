import { expect, test } from '#e2e/support/fixtures.ts'
import { fillsTheLobby } from '#e2e/support/fillsTheLobby.ts'
import type { Person } from '#e2e/support/person.ts'

const reaction = (person: Person, to: string, name: string | RegExp) => person.row(to).getByRole('button', { name })
const tombstones = (person: Person) => person.page.locator('[data-testid="message"][data-deleted]')

for (const cut of [false, true]) {
  const when = cut ? ', with the line cut in the middle' : ''

  test(`a message is changed, and everybody reads the new words${when}`, async ({ ann, bob }) => {
    await ann.writes('see you at nine')
    await bob.sees('see you at nine')
    if (cut) await ann.goesOffline()
    await ann.changes('see you at nine', 'see you at ten')
    await ann.sees('see you at ten')
    await expect(ann.row('see you at ten')).toHaveAttribute('data-edited', 'true')
    if (cut) {
      await expect(ann.row('see you at ten')).toContainText('edited · queued')
      await bob.sees('see you at nine')
      await ann.comesOnline()
    }
    await bob.sees('see you at ten')
    await bob.doesNotSee('see you at nine')
    await expect(ann.row('see you at ten')).not.toContainText('queued')
  })

  test(`a message is answered, and the answer leads back to it${when}`, async ({ ann, bob }) => {
    await bob.writes('who brings the boat?')
    await ann.sees('who brings the boat?')
    if (cut) await ann.goesOffline()
    await ann.replies('who brings the boat?', 'I do')
    if (cut) await ann.comesOnline()
    await bob.sees('I do')
    const quote = bob.row('I do').getByTestId('quote')
    await expect(quote).toContainText('who brings the boat?')
    await quote.click()
    await expect(bob.row('who brings the boat?')).toBeFocused()
  })

  test(`people react to a message, and take it back${when}`, async ({ ann, bob }) => {
    await bob.writes('the boat floats')
    await ann.sees('the boat floats')
    if (cut) await ann.goesOffline()
    await ann.reacts('the boat floats', 'Celebration')
    await expect(reaction(ann, 'the boat floats', '🎉 1, You')).toHaveAttribute('aria-pressed', 'true')
    if (cut) await ann.comesOnline()
    await expect(reaction(bob, 'the boat floats', /^🎉 1/)).toHaveAttribute('aria-pressed', 'false')
    await reaction(bob, 'the boat floats', /^🎉 1/).click()
    await expect(reaction(ann, 'the boat floats', /^🎉 2, You/)).toBeVisible()
    await reaction(ann, 'the boat floats', /^🎉 2/).click()
    await expect(reaction(bob, 'the boat floats', '🎉 1, You')).toBeVisible()
  })

  test(`a message is deleted for everybody, when it was not undone${when}`, async ({ ann, bob }) => {
    await ann.writes('a slip')
    await ann.writes('kept after all')
    await bob.sees('kept after all')
    await ann.chooses('kept after all', 'Delete')
    await expect(tombstones(ann)).toHaveCount(1)
    await ann.page.getByRole('button', { name: 'Undo' }).click()
    await ann.sees('kept after all')
    await ann.chooses('a slip', 'Delete')
    await bob.sees('a slip')
    if (cut) await ann.goesOffline()
    // nobody undoes it: the moment ends by itself, and who was about to goes on where they write
    await ann.page.getByRole('button', { name: 'Undo' }).focus()
    await expect(ann.page.getByRole('button', { name: 'Undo' })).toHaveCount(0)
    await expect(ann.composer).toBeFocused()
    await expect(tombstones(ann)).toHaveCount(1)
    if (cut) await ann.comesOnline()
    await bob.doesNotSee('a slip')
    await expect(tombstones(bob)).toHaveText(/Message deleted/)
    await bob.sees('kept after all')
  })
}

test('what was changed, answered and deleted without a line is there after a reload, and reaches everybody once, in order', async ({ ann, bob }) => {
  await ann.writes('first words')
  await ann.writes('to be deleted')
  await bob.sees('to be deleted')
  const tab = await ann.opensAnotherTab('/chat/lobby')
  await tab.connectionIs('live')
  ann.line.freeze()
  await ann.changes('first words', 'second words')
  await ann.changes('second words', 'third words')
  await ann.reacts('third words', 'Thumbs up')
  await ann.chooses('to be deleted', 'Delete')
  await ann.page.goto('about:blank')
  // the other tab has been told what waits
  await tab.sees('third words')
  await expect(reaction(tab, 'third words', '👍 1, You')).toBeVisible()
  await expect(tombstones(tab)).toHaveCount(1)
  ann.line.pass()
  await bob.sees('third words')
  await expect(reaction(bob, 'third words', /^👍 1/)).toBeVisible()
  await expect(tombstones(bob)).toHaveCount(1)
})

test('↑ changes the last own message, and Escape leaves it as it was', async ({ ann, bob }) => {
  await ann.writes('mine')
  await bob.writes('Bob’s')
  await ann.sees('Bob’s')
  await ann.composer.fill('half a')
  await ann.composer.fill('')
  await ann.composer.press('ArrowUp')
  const box = ann.page.getByRole('textbox', { name: /^Change your message/ })
  await expect(box).toHaveValue('mine')
  await box.fill('never mind')
  await box.press('Escape')
  await expect(ann.composer).toBeFocused()
  await ann.sees('mine')
})

test('a draft waits while another message is changed', async ({ ann }) => {
  await ann.writes('to be changed')
  await ann.sees('to be changed', 'sent')
  await ann.composer.fill('half a thought')
  await ann.changes('to be changed', 'changed')
  await expect(ann.composer).toHaveValue('half a thought')
})

test.describe('in a long conversation', () => {
  test.use({ settings: { LIMIT_MESSAGES: '1000/1000' } })

  test('an answer to a message of long ago leads there, past everything that is not loaded, and back', async ({ ann, bob }) => {
    await bob.writes('long ago')
    await ann.sees('long ago')
    await (await ann.tools('long ago')).getByRole('button', { name: 'Reply' }).click()
    await fillsTheLobby(ann.line.url)
    await ann.sees('filler 199')
    await ann.writes('I remember')
    await ann.sees('I remember', 'sent')

    await ann.reloads()
    const quote = ann.row('I remember').getByTestId('quote')
    await expect(quote).toContainText('An earlier message')
    await quote.click()
    await expect(ann.row('long ago')).toBeFocused()
    await expect(ann.row('long ago')).toBeInViewport()
    const gap = ann.page.getByTestId('gap-marker')
    await expect(gap).toContainText('not loaded')
    // and on from there, whichever way one reads
    const beside = async (side: 'preceding' | 'following') =>
      Number(await gap.evaluate((marker, path) => document.evaluate(path, marker).iterateNext()?.textContent, `${side}::article[1]/@data-seq`))
    const [above, below] = [await beside('preceding'), await beside('following')]
    await gap.getByRole('button', { name: 'Load' }).click()
    for (const seq of [above + 1, below - 1]) await expect(ann.page.locator(`article[data-seq="${seq}"]`)).toHaveCount(1)
    await ann.page.getByTestId('jump-latest').click()
    await expect(ann.row('I remember')).toBeInViewport()
    await expect(ann.row('I remember').getByTestId('quote')).toContainText('long ago')
  })
})

test('the owner of a group deletes what somebody else wrote there, and nobody else may', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await ann.writes('of the owner')
  await bob.writes('of a member')
  await ann.sees('of a member')
  await bob.sees('of the owner')
  await (await bob.tools('of the owner')).getByRole('button', { name: 'More' }).click()
  await expect(bob.page.getByRole('menuitem')).toHaveText(['Copy text', 'Copy link', 'Details', /^About /, 'Report'])
  await bob.page.keyboard.press('Escape')
  await ann.chooses('of a member', 'Delete')
  await bob.doesNotSee('of a member')
  await expect(tombstones(bob)).toHaveCount(1)
})

test('who leaves a group right after deleting a message there has deleted it', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Boats'), 'Boats')
  await bob.writes('forget this')
  await ann.sees('forget this')
  await bob.chooses('forget this', 'Delete')
  await expect(bob.page.getByRole('button', { name: 'Undo' })).toBeVisible()
  await bob.page.getByRole('button', { name: 'Details' }).click()
  await bob.page.getByRole('button', { name: 'Leave group' }).click()
  await bob.page.getByRole('dialog', { name: 'Leave Boats?' }).getByRole('button', { name: 'Leave group' }).click()
  await expect(bob.conversationLink('Boats')).toHaveCount(0)
  await expect(tombstones(ann)).toHaveCount(1)
})

test('the details of a message say when it was stored and who has it', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await ann.writes('for the record')
  await bob.sees('for the record')
  await ann.sees('for the record', 'read')
  await ann.chooses('for the record', 'Details')
  const dialog = ann.page.getByRole('dialog', { name: 'Message details' })
  await expect(dialog).toContainText('Stored')
  await expect(dialog.getByRole('heading', { name: 'Read by' })).toBeVisible()
})

test('any emoji there is can be found by its name, and used', async ({ ann, bob }) => {
  await bob.writes('look, a whale')
  await ann.sees('look, a whale')
  await (await ann.tools('look, a whale')).getByRole('button', { name: 'React' }).click()
  await ann.page.getByRole('menuitem', { name: 'Another emoji' }).click()
  const dialog = ann.page.getByRole('dialog', { name: 'React with an emoji' })
  await dialog.getByRole('searchbox', { name: 'Search emoji' }).fill('spouting whale')
  await dialog.getByRole('gridcell', { name: /spouting whale/i }).click()
  await expect(reaction(bob, 'look, a whale', /^🐳 1/)).toBeVisible()
})

test.describe('reporting', () => {
  const OPERATOR_TOKEN = 'of-the-operators-alone'
  test.use({ settings: { OPERATOR_TOKEN } })

  test('one message is told to the operators, with its words and what is wrong with it', async ({ ann, bob }) => {
    await bob.writes('something unkind')
    await ann.sees('something unkind')
    await ann.chooses('something unkind', 'Report')
    const dialog = ann.page.getByRole('dialog', { name: 'Report this message?' })
    await expect(dialog).toContainText('something unkind')
    await dialog.getByRole('textbox', { name: 'What is wrong?' }).fill('It hurts')
    await dialog.getByRole('button', { name: 'Report' }).click()
    await expect(dialog).toHaveCount(0)
    const answer = await fetch(`${ann.line.url}/api/operator/reports`, { headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } })
    expect(await answer.json()).toMatchObject({
      reports: [{ user: await bob.userId(), by: await ann.userId(), text: 'something unkind', reason: 'It hurts' }],
    })
  })
})

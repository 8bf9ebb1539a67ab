import { expect, test } from '#e2e/support/fixtures.ts'

test('fast switching never shows a message in the wrong conversation, and keeps each draft in its own', async ({ ann, bob }) => {
  for (const title of ['Harbour', 'Lighthouse']) await bob.joins(await ann.makesGroup(title), title)
  const titles = ['Lobby', 'Harbour', 'Lighthouse']
  for (const title of titles) {
    await ann.opensConversation(title)
    await ann.writes(`first in ${title}`)
    await ann.composer.fill(`draft of ${title}`)
  }
  for (let i = 0; i < 12; i++) {
    const title = titles[i % 3] ?? ''
    await ann.opensConversation(title)
    await ann.sees(`first in ${title}`)
    for (const other of titles.filter((one) => one !== title)) await ann.doesNotSee(`first in ${other}`)
    await expect(ann.composer).toHaveValue(`draft of ${title}`)
  }
})

test('a message arrives in the background while another conversation is open', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await ann.opensConversation('Lobby')
  await bob.writes('over here')
  await expect(ann.conversationLink('Harbour')).toHaveAttribute('data-unread', '1')
  await ann.opensConversation('Harbour')
  await ann.sees('over here')
  await expect(ann.conversationLink('Harbour')).not.toHaveAttribute('data-unread', /.*/)
})

test('three conversations chosen within 200 ms leave the last one open, for the person, the address and the server', async ({ ann, bob }) => {
  for (const title of ['Harbour', 'Lighthouse']) await bob.joins(await ann.makesGroup(title), title)
  await ann.opensConversation('Lighthouse')
  await ann.writes('only in the lighthouse')
  await ann.opensConversation('Lobby')

  const tookMs = await ann.page.evaluate(async () => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('nav[aria-label="Conversations"] a')]
    const start = performance.now()
    for (const title of ['Harbour', 'Lobby', 'Lighthouse']) {
      links.find((link) => link.textContent.includes(title))?.click()
      await new Promise(requestAnimationFrame)
    }
    return performance.now() - start
  })
  expect(tookMs).toBeLessThan(200)
  await expect(ann.list).toHaveAccessibleName('Messages with Lighthouse')
  await expect(ann.conversationLink('Lighthouse')).toHaveAttribute('aria-current', 'page')
  await expect(ann.page.locator('nav[aria-label="Conversations"] [aria-current]')).toHaveCount(1)
  expect(new URL(ann.page.url()).pathname).toBe(await ann.conversationLink('Lighthouse').getAttribute('href'))
  await ann.sees('only in the lighthouse')

  // the server heard the same: typing is told to those who have the conversation open
  await bob.opensConversation('Lighthouse')
  await bob.composer.pressSequentially('hm')
  await expect(ann.page.getByTestId('typing')).toContainText('is typing')
})

test('a link to a conversation opens it, after a reload as well', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await ann.writes('at the quay')
  const { pathname } = new URL(ann.page.url())
  expect(pathname).toMatch(/^\/chat\/./)
  await bob.opensConversation('Lobby')
  await bob.opens(pathname)
  await expect(bob.list).toHaveAccessibleName('Messages with Harbour')
  await bob.sees('at the quay')
  await bob.reloads()
  await expect(bob.list).toHaveAccessibleName('Messages with Harbour')
  await bob.sees('at the quay')
})

test('who gives up looking for something is where they were, also the first time', async ({ ann, bob }) => {
  await bob.writes('a question?')
  await ann.sees('a question?')
  const find = ann.page.getByRole('dialog', { name: 'Find' })
  for (const place of [ann.composer, ann.row('a question?')]) {
    // nothing of the dialog is loaded then
    await ann.reloads()
    await ann.sees('a question?')
    await expect(ann.page.getByRole('button', { name: 'Find' })).toBeVisible()
    await place.focus()
    await ann.page.keyboard.press('Control+k')
    await expect(find.getByRole('combobox')).toBeFocused()
    await ann.page.keyboard.press('Escape')
    await expect(find).toBeHidden()
    await expect(place).toBeFocused()
  }
})

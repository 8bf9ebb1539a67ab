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

import { expect, test } from '#e2e/support/fixtures.ts'

test('two people talk in the lobby', async ({ ann, bob }) => {
  await ann.writes('hello from Ann')
  await bob.sees('hello from Ann')
  await bob.writes('hello from Bob')
  await ann.sees('hello from Bob')

  await ann.sees('hello from Ann', 'sent')
  await bob.sees('hello from Bob', 'sent')
  await ann.seesInOrder(['hello from Ann', 'hello from Bob'])
  await bob.seesInOrder(['hello from Ann', 'hello from Bob'])
  expect((await ann.messages()).map(({ seq, mine }) => ({ seq, mine }))).toEqual([
    { seq: 1, mine: true },
    { seq: 2, mine: false },
  ])
})

test('two people talk in a group that one of them made', async ({ ann, bob }) => {
  const invitation = await ann.makesGroup('Harbour')
  await bob.joins(invitation, 'Harbour')

  await bob.writes('ahoy')
  await ann.sees('ahoy')
  await ann.writes('welcome aboard')
  await bob.sees('welcome aboard')

  await ann.opensConversation('Lobby')
  await ann.doesNotSee('ahoy')
})

test('text is shown exactly as it was typed', async ({ ann, bob }) => {
  for (const text of ['if (x<y) "<b>"&amp; it’s', '<img src=x onerror=alert(1)>', 'e\u0301 \u{1F469}\u{1F3FD}\u200D\u{1F680} שלום  two  spaces']) {
    await ann.writes(text)
    await expect(bob.page.getByTestId('message-text').last()).toHaveText(text, { useInnerText: false })
    expect(
      await bob.page
        .getByTestId('message-text')
        .last()
        .evaluate((node) => node.textContent),
    ).toBe(text)
  }
})

test('messages written at the same moment stand in the same order for both', async ({ ann, bob }) => {
  const anns = Array.from({ length: 10 }, (_, i) => `Ann ${i}`)
  const bobs = Array.from({ length: 10 }, (_, i) => `Bob ${i}`)
  const writeAll = async (person: typeof ann, texts: string[]) => {
    for (const text of texts) await person.writes(text)
  }
  await Promise.all([writeAll(ann, anns), writeAll(bob, bobs)])
  await Promise.all([ann.seesInOrder(anns), ann.seesInOrder(bobs), bob.seesInOrder(anns), bob.seesInOrder(bobs)])
  const order = async (person: typeof ann) => (await person.messages()).map(({ text }) => text)
  await expect.poll(async () => (await order(ann)).length).toBe(20)
  expect(await order(bob)).toEqual(await order(ann))
})

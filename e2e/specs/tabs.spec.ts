import { expect, test } from '#e2e/support/fixtures.ts'

test('two tabs of one person are both live and show each message once', async ({ ann, bob }) => {
  const other = await ann.opensAnotherTab('/chat/lobby')
  await other.connectionIs('live')
  await ann.connectionIs('live')
  expect(await other.userId()).toBe(await ann.userId())

  await ann.writes('from the first tab')
  await other.sees('from the first tab')
  await other.writes('from the second tab')
  await ann.sees('from the second tab')
  await bob.writes('from Bob')
  for (const tab of [ann, other]) {
    await tab.seesInOrder(['from the first tab', 'from the second tab', 'from Bob'])
    expect((await tab.messages()).map(({ mine }) => mine)).toEqual([true, true, false])
  }
  await bob.seesInOrder(['from the first tab', 'from the second tab', 'from Bob'])
})

test('what was written offline in two tabs arrives once', async ({ ann, bob }) => {
  const other = await ann.opensAnotherTab('/chat/lobby')
  await other.connectionIs('live')
  await ann.goesOffline()
  await other.connectionIs('offline')
  await ann.writes('from one')
  await other.writes('from the other')
  await ann.sees('from one', 'queued')
  await other.sees('from the other', 'queued')
  await ann.comesOnline()
  await bob.sees('from one')
  await bob.sees('from the other')
  for (const tab of [ann, other]) {
    await tab.sees('from one', 'sent')
    await tab.sees('from the other', 'sent')
  }
  expect((await bob.messages()).length).toBe(2)
})

test('a closed tab leaves the other one sending', async ({ ann, bob }) => {
  const other = await ann.opensAnotherTab('/chat/lobby')
  await other.connectionIs('live')
  await ann.page.close()
  await other.writes('still here')
  await bob.sees('still here')
})

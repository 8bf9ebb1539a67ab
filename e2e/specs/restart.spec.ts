import { expect, test } from '#e2e/support/fixtures.ts'

test('a server killed and started again while both type loses, repeats and reorders nothing', async ({ ann, bob, server }) => {
  const anns = Array.from({ length: 12 }, (_, i) => `Ann ${i}`)
  const bobs = Array.from({ length: 12 }, (_, i) => `Bob ${i}`)
  const writeAll = async (person: typeof ann, texts: string[]) => {
    for (const text of texts) await person.writes(text)
  }
  const restarts = async () => {
    for (let i = 0; i < 2; i++) {
      await server.kill9()
      await ann.connectionIs('reconnecting')
      await server.start()
      await ann.connectionIs('live')
    }
  }
  await Promise.all([writeAll(ann, anns), writeAll(bob, bobs), restarts()])

  await ann.connectionIs('live')
  await bob.connectionIs('live')
  for (const person of [ann, bob]) {
    await person.seesInOrder(anns)
    await person.seesInOrder(bobs)
    // what is not stored yet stands last
    await person.isUpToDate()
  }
  const rows = await ann.messages()
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1))
  expect((await bob.messages()).map(({ text }) => text)).toEqual(rows.map(({ text }) => text))
})

test('a stopped server says so first, and people are back when it is', async ({ ann, bob, server }) => {
  await ann.writes('before')
  await bob.sees('before')
  const stopping = server.stop()
  for (const { banner, page } of [ann, bob]) {
    await expect(banner).toContainText(/server is restarting/i)
    await expect(page.locator('html'), 'told while the line still carries').toHaveAttribute('data-connection', 'live')
  }
  expect(await stopping).toBe(0)
  await ann.connectionIs('reconnecting')
  await ann.writes('while it is away')
  await server.start()
  await ann.connectionIs('live')
  await bob.sees('while it is away')
})

test('an acknowledged message survives kill -9 right after', async ({ ann, server, newPerson }) => {
  await ann.writes('kept')
  await ann.sees('kept', 'sent')
  await server.kill9()
  await server.start()
  const cleo = await newPerson('Cleo')
  await cleo.continuesAsGuest()
  await cleo.sees('kept')
})

test('a server that stands still while people write and dial in vain: all of it is there once, in order, as soon as it goes on', async ({
  ann,
  bob,
  server,
}) => {
  await ann.writes('before')
  await bob.sees('before')
  const texts = Array.from({ length: 6 }, (_, i) => `into the silence ${i}`)
  const dials = ann.line.counters.accepted
  const stalled = server.freeze()
  for (const text of texts) await ann.writes(text)
  await ann.connectionIs('reconnecting')
  await expect(ann.banner).toBeVisible()
  await expect.poll(() => ann.line.counters.accepted, { message: 'Ann dials and nobody answers' }).toBeGreaterThan(dials + 1)
  for (const text of texts) await bob.doesNotSee(text)

  stalled.wake()
  for (const person of [ann, bob]) await person.connectionIs('live')
  for (const text of texts) await ann.sees(text, 'sent')
  for (const person of [ann, bob]) {
    await person.seesInOrder(['before', ...texts])
    expect((await person.messages()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
  }
})

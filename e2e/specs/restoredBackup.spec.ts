import { join } from 'node:path'
import { expect, test } from '#e2e/support/fixtures.ts'

// tokens run out again and again, so that those of the backup are old ones
test.use({ settings: { ACCESS_TOKEN_TTL_MS: '3000' } })

test('who was here when a backup is restored stays who they are, and what the backup does not have comes back, once, the same for all', async ({
  ann,
  bob,
  server,
}) => {
  await ann.writes('before')
  await bob.sees('before')
  const who = [await ann.userId(), await bob.userId()]
  const backup = join(server.dataDir, 'backup.db')
  expect(await server.command('backup', backup)).toContain('is backed up')

  const renewed = ann.page.waitForResponse('**/api/session/refresh')
  await ann.writes('after, by Ann')
  await bob.sees('after, by Ann')
  await bob.writes('after, by Bob')
  await ann.sees('after, by Bob')
  await renewed
  await ann.goesOffline()
  await ann.writes('while away')
  await ann.sees('while away', 'queued')

  expect(await server.stop()).toBe(0)
  expect(await server.command('restore', backup)).toContain('The one before is kept as')
  await server.start()
  await ann.comesOnline()
  for (const person of [ann, bob]) await person.connectionIs('live')
  const texts = ['after, by Ann', 'after, by Bob', 'before', 'while away']
  for (const person of [ann, bob]) {
    await expect.poll(async () => (await person.messages()).map(({ text }) => text).toSorted()).toEqual(texts)
  }
  const seen = async (person: typeof ann) => (await person.messages()).map(({ text, seq }) => `${seq} ${text}`)
  expect(await seen(ann)).toEqual(await seen(bob))
  await ann.sees('while away', 'sent')

  // and goes on being so, also with the tokens that come next
  await Promise.all([ann, bob].map((person) => person.page.waitForResponse('**/api/session/refresh')))
  for (const person of [ann, bob]) {
    await person.reloads()
    await person.connectionIs('live')
  }
  expect([await ann.userId(), await bob.userId()]).toEqual(who)
  expect(await seen(ann)).toEqual(await seen(bob))
})

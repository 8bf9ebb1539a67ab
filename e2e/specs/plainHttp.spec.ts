import { expect, test } from '#e2e/support/fixtures.ts'

test.use({ host: 'tidemark.lan', serviceWorkers: 'allow' })

test('in a network without https all works but opening without a network, and the settings say so', async ({ ann, bob }) => {
  expect(await ann.page.evaluate(() => [isSecureContext, 'serviceWorker' in navigator, 'locks' in navigator, 'subtle' in crypto])).toEqual([
    false,
    false,
    false,
    false,
  ])
  await ann.writes('over plain http')
  await bob.sees('over plain http')
  const second = await ann.opensAnotherTab('/chat/lobby')
  await second.connectionIs('live')
  await ann.goesOffline()
  await ann.writes('kept meanwhile')
  await ann.sees('kept meanwhile', 'queued')
  await ann.comesOnline()
  await bob.sees('kept meanwhile')
  await second.seesInOrder(['over plain http', 'kept meanwhile'])
  await ann.opens('/settings')
  await expect(
    ann.page.getByText('Without a network Tidemark can’t be opened here: a browser keeps an app only when its address begins with https.'),
  ).toBeVisible()
})

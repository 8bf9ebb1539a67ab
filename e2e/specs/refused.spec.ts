import { expect, test } from '#e2e/support/fixtures.ts'

/** The page lets nobody write so much; on the way out this grows beyond what the server takes. */
const GROWS = 'grows on the way'

test('a refused message says why and offers Retry, Copy and Delete; later ones go; Retry delivers one copy', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  let growing = true
  await ann.page.routeWebSocket(/\/socket\.io\//, (client) => {
    const server = client.connectToServer()
    client.onMessage((frame) => server.send(growing && typeof frame === 'string' ? frame.replace(GROWS, 'x'.repeat(40_000)) : frame))
  })
  await ann.continuesAsGuest()
  await ann.writes(GROWS)
  await ann.writes('later')
  await ann.sees(GROWS, 'failed')
  await ann.sees('later', 'sent')
  await bob.sees('later')
  const row = ann.row(GROWS)
  await expect(row).toContainText(/Not sent: \S+ \S+/)
  for (const name of ['Retry', 'Copy', 'Delete']) await expect(row.getByRole('button', { name })).toBeVisible()

  await ann.reloads()
  await ann.sees(GROWS, 'failed')
  growing = false
  await row.getByRole('button', { name: 'Retry' }).click()
  await ann.sees(GROWS, 'sent')
  await bob.seesInOrder(['later', GROWS])
  expect((await bob.messages()).length).toBe(2)
})

test('a refused message that is deleted is gone for good', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  await ann.page.routeWebSocket(/\/socket\.io\//, (client) => {
    const server = client.connectToServer()
    client.onMessage((frame) => server.send(typeof frame === 'string' ? frame.replace(GROWS, 'x'.repeat(40_000)) : frame))
  })
  await ann.continuesAsGuest()
  await ann.writes(GROWS)
  await ann.sees(GROWS, 'failed')
  await ann.row(GROWS).getByRole('button', { name: 'Delete' }).click()
  await ann.doesNotSee(GROWS)
  await ann.reloads()
  await ann.connectionIs('live')
  await ann.writes('after')
  await bob.sees('after')
  await ann.doesNotSee(GROWS)
  expect((await bob.messages()).length).toBe(1)
})

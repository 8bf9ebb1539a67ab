import { expect, test } from '#e2e/support/fixtures.ts'

test('a session that ends under the page leaves draft, waiting words and messages where they are, and somebody else does not send them', async ({
  ann,
  bob,
}) => {
  await bob.writes('from before')
  await ann.sees('from before')
  const who = await ann.userId()
  await ann.goesOffline()
  await ann.writes('waiting')
  await ann.sees('waiting', 'queued')
  await ann.composer.fill('half a thought')
  await ann.sessionIsEnded()
  await ann.comesOnline()

  await ann.connectionIs('signed-out')
  const dialog = ann.page.getByRole('dialog', { name: 'Your session ended' })
  await expect(dialog).toContainText('1 message is waiting')
  expect(new URL(ann.page.url()).pathname).toBe('/chat/lobby')
  await dialog.getByRole('button', { name: 'Not now' }).click()
  await ann.sees('from before')
  await ann.sees('waiting', 'queued')
  await expect(ann.composer).toHaveValue('half a thought')

  await ann.banner.getByRole('button', { name: 'Sign in' }).click()
  await dialog.getByRole('button', { name: 'Continue as guest' }).click()
  await ann.connectionIs('live')
  expect(await ann.userId()).not.toBe(who)
  await expect(ann.page.getByTestId('notice')).toContainText('Your guest session ended; you are now')
  await ann.page
    .getByRole('dialog', { name: /^Send 1 message as / })
    .getByRole('button', { name: 'Delete' })
    .click()
  await ann.writes('under the new name')
  await bob.sees('under the new name')
  await ann.isUpToDate()
  await bob.doesNotSee('waiting')
  await bob.doesNotSee('half a thought')
})

test('what a guest wrote and could not send is shown under the new name, and goes out when that is said', async ({ ann, bob }) => {
  await ann.goesOffline()
  for (const text of ['waiting one', 'waiting two']) await ann.writes(text)
  await ann.sees('waiting two', 'queued')
  await ann.sessionIsEnded()
  await ann.comesOnline()
  await ann.connectionIs('signed-out')
  await ann.page.getByRole('button', { name: 'Continue as guest' }).click()
  await ann.connectionIs('live')
  const question = ann.page.getByRole('dialog', { name: /^Send 2 messages as / })
  await expect(question.getByTestId('former-row')).toHaveText(['waiting one', 'waiting two'])
  await question.getByRole('button', { name: 'Not now' }).click()
  await ann.writes('first words')
  await bob.sees('first words')
  await ann.isUpToDate()
  await bob.doesNotSee('waiting one')

  await ann.reloads()
  await question.getByRole('button', { name: /^Send as / }).click()
  await bob.seesInOrder(['first words', 'waiting one', 'waiting two'])
  await ann.seesInOrder(['first words', 'waiting one', 'waiting two'])
  await expect(question).toHaveCount(0)
  await ann.reloads()
  await ann.connectionIs('live')
  await ann.isUpToDate()
  await ann.seesInOrder(['first words', 'waiting one', 'waiting two'])
  await expect(ann.page.getByRole('dialog')).toHaveCount(0)
})

test('nothing that lets somebody in can be read by scripts or stands in the log', async ({ ann, server }) => {
  await ann.writes('hello')
  await ann.sees('hello', 'sent')
  const readable = await ann.page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]))
  const cookies = await ann.page.context().cookies(`${ann.origin}/api/session`)
  const refresh = cookies.find(({ name }) => name.startsWith('tidemark_refresh'))
  expect(refresh).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
  const log = JSON.stringify(server.logs())
  for (const where of [readable, log]) {
    expect(where).not.toContain(refresh?.value)
    // every access token is a JWT
    expect(where).not.toMatch(/eyJ[\w-]+\.[\w-]+\./)
  }
  expect(readable).toContain('tidemark:device')
  expect(readable).toContain('tidemark:tab')
})

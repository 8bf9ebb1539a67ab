import { expect, test } from '#e2e/support/fixtures.ts'

test('who comes back to a page that the browser had kept aside is live, has what was missed and their half sentence', async ({ newBrowser, bob }) => {
  const { start } = await newBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  const ann = await start()
  await ann.continuesAsGuest()
  await ann.writes('before')
  await bob.sees('before')
  await ann.composer.fill('half a sen')
  await ann.page.evaluate(() => Object.assign(window, { samePage: true }))

  for (const [visit, text] of ['first visit', 'second visit'].entries()) {
    await ann.opens('/health')
    await bob.writes(text)
    await bob.sees(text, 'sent')
    // a page that was kept does not load again
    await ann.page.goBack({ waitUntil: 'commit' })
    await ann.connectionIs('live')
    expect(await ann.page.evaluate(() => 'samePage' in window)).toBe(true)
    await ann.seesInOrder(['before', 'first visit', 'second visit'].slice(0, visit + 2))
    await expect(ann.composer).toHaveValue('half a sen')
  }
  await ann.writes('and the rest')
  await bob.seesInOrder(['before', 'first visit', 'second visit', 'and the rest'])
})

test('what was taken back on a page that came back so stays taken back over a reload', async ({ newBrowser, bob }) => {
  const { start } = await newBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  const ann = await start()
  // nothing else keeps her words, so they are left behind for the next page
  await ann.page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))
  ann.page.on('dialog', (question) => void question.accept())
  await ann.continuesAsGuest()
  await ann.page.evaluate(() => Object.assign(window, { samePage: true }))
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.writes('not like this')
  await ann.sees('not like this', 'queued')

  await ann.page.goto(`${bob.origin}/health`)
  await ann.page.goBack({ waitUntil: 'commit' })
  expect(await ann.page.evaluate(() => 'samePage' in window)).toBe(true)
  await ann.row('not like this').getByRole('button', { name: 'Cancel' }).click()
  await ann.doesNotSee('not like this')

  ann.line.pass()
  await ann.reloads()
  await ann.writes('but so')
  await bob.sees('but so')
  for (const person of [ann, bob]) await person.doesNotSee('not like this')
})

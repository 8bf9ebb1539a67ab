import { buildNext } from '#e2e/support/build.ts'
import { expect, test } from '#e2e/support/fixtures.ts'

test.use({ serviceWorkers: 'allow' })

const NEW_VERSION = /A new version of Tidemark is here/

test('on an aeroplane the app opens, what was read is read and searched, and what is written goes out after landing', async ({ ann, bob }) => {
  await bob.writes('the tickets are in the drawer')
  await ann.sees('the tickets are in the drawer')
  await ann.hasTheAppKept()
  ann.line.refuse()
  await ann.goesOffline()

  await ann.reloads()
  await ann.connectionIs('offline')
  await ann.sees('the tickets are in the drawer')
  await expect(ann.banner).toContainText("You're offline.")
  await ann.writes('written above the clouds')
  await ann.sees('written above the clouds', 'queued')
  // at an address where the page never was before
  await ann.opens('/search?q=tickets')
  await expect(ann.page.getByTestId('search-count')).toHaveText('1 message on this device matches')
  await ann.page.getByTestId('search-hit').click()
  await expect(ann.row('the tickets are in the drawer')).toBeFocused()
  await ann.sees('written above the clouds', 'queued')

  ann.line.pass()
  await ann.comesOnline()
  await ann.connectionIs('live')
  await ann.sees('written above the clouds', 'sent')
  await bob.seesInOrder(['the tickets are in the drawer', 'written above the clouds'])
})

test('the app opens while the server is away, and while the network says nothing at all', async ({ ann, server }) => {
  await ann.writes('before the outage')
  await ann.sees('before the outage', 'sent')
  await ann.hasTheAppKept()
  await server.kill9()
  await ann.reloads()
  await ann.connectionIs('reconnecting')
  await ann.sees('before the outage')
  await server.start()
  await ann.connectionIs('live')

  ann.line.freeze()
  await ann.reloads()
  await ann.sees('before the outage')
  ann.line.pass()
  await ann.connectionIs('live')
})

test('a new version is offered and not forced: what is half written stays, before and after', async ({ ann, server }) => {
  const entry = () => ann.page.locator('script[type=module]').getAttribute('src')
  await ann.hasTheAppKept()
  const before = await entry()
  await ann.composer.fill('half a thought')
  const next = await buildNext()
  await server.stop()
  await server.start({}, next)
  await ann.connectionIs('live')
  const notice = ann.page.getByTestId('notice').filter({ hasText: NEW_VERSION })
  await expect(notice).toBeVisible()
  await expect(ann.composer).toHaveValue('half a thought')
  await ann.writes('sent by the old page')
  await ann.sees('sent by the old page', 'sent')
  await ann.composer.fill('half a thought')

  await notice.getByRole('button', { name: 'Reload' }).click()
  await expect.poll(entry).not.toBe(before)
  await ann.connectionIs('live')
  await expect(ann.composer).toHaveValue('half a thought')
  await ann.hasTheAppKept()
  await expect(notice).toHaveCount(0)
  // the new one is kept as well
  ann.line.refuse()
  await ann.goesOffline()
  await ann.reloads()
  await ann.sees('sent by the old page')
  expect(await entry()).not.toBe(before)
})

test('a page that did not hear of a new version when it came is told when its line is back', async ({ ann, server }) => {
  await ann.page.addInitScript(() => {
    const page = Object.assign(window, { isDeaf: true })
    navigator.serviceWorker.addEventListener('message', (event) => page.isDeaf && event.stopImmediatePropagation())
  })
  await ann.reloads()
  await ann.hasTheAppKept()
  const next = await buildNext()
  await server.stop()
  await server.start({}, next)
  await ann.connectionIs('live')
  await expect.poll(() => ann.page.evaluate(async () => (await caches.keys()).length)).toBe(2)
  await ann.hasTheAppKept()
  const notice = ann.page.getByTestId('notice').filter({ hasText: NEW_VERSION })
  await expect(notice).toHaveCount(0)
  await ann.page.evaluate(() => Object.assign(window, { isDeaf: false }))
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  ann.line.pass()
  await ann.connectionIs('live')
  await expect(notice).toBeVisible()
})

test('the app can be installed; nothing that the server answered is kept with it', async ({ ann, bob }) => {
  await bob.writes('a secret')
  await ann.sees('a secret')
  await ann.hasTheAppKept()
  await ann.opens('/settings')
  await expect(ann.page.getByText('Tidemark is kept in this browser')).toBeVisible()
  const devtools = await ann.page.context().newCDPSession(ann.page)
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  // a window of a test is a private one
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
  const kept = await ann.page.evaluate(async () => {
    const [name] = await caches.keys()
    return (await (await caches.open(name!)).keys()).map(({ url }) => new URL(url).pathname)
  })
  expect(kept).toContain('/')
  expect(kept.filter((path) => !/^\/(|assets\/[^/]+\.(js|css)|[^/]+\.(svg|png|webmanifest))$/.test(path))).toEqual([])
})

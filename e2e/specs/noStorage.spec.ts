import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type LaunchOptions } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import { openLine } from '#e2e/support/line.ts'
import { Person } from '#e2e/support/person.ts'
import type { TestServer } from '#e2e/support/server.ts'

/** A browser of its own with a profile on disk. `preferences` is what its settings would write down. */
async function opensOwnBrowser({ server, launchOptions }: { server: TestServer; launchOptions: LaunchOptions }, preferences: object) {
  const profile = await mkdtemp(join(tmpdir(), 'tidemark-profile-'))
  await mkdir(join(profile, 'Default'))
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences))
  const line = await openLine({ to: server })
  const context = await chromium.launchPersistentContext(profile, launchOptions)
  const person = new Person({ name: 'Ann', page: await context.newPage(), line, origin: line.url })
  const close = async () => {
    expect(person.faults).toEqual([])
    await context.close()
    await line.close()
    await rm(profile, { recursive: true, force: true })
  }
  return { person, close }
}

/** Both ways, over a cut: what is written while the line is down waits in memory. */
async function talksFromMemory(ann: Person, bob: Person) {
  await ann.writes('can you read me?')
  await bob.sees('can you read me?')
  await bob.writes('yes')
  await ann.sees('yes')
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.writes('kept in memory')
  await ann.sees('kept in memory', 'queued')
  ann.line.pass()
  await bob.sees('kept in memory')
  await ann.sees('kept in memory', 'sent')
  await bob.seesInOrder(['can you read me?', 'yes', 'kept in memory'])
}

test('a browser without storage says that it keeps nothing, and people talk all the same', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  await ann.page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))
  await ann.continuesAsGuest()
  await expect(ann.page.getByTestId('notice')).toHaveText(/can’t keep messages over a reload/)
  await talksFromMemory(ann, bob)
})

/** What “don't let sites keep anything” in the settings of the browser writes down. */
const KEEP_NOTHING = { profile: { default_content_setting_values: { cookies: 2 } } }

test('a browser that lets no site keep anything says that it keeps nothing, and people talk all the same', async ({ server, bob, launchOptions }) => {
  const { person: ann, close } = await opensOwnBrowser({ server, launchOptions }, KEEP_NOTHING)
  await ann.continuesAsGuest()
  await expect(ann.page.getByTestId('notice')).toHaveText(/Keep this page open until everything is sent/)
  await talksFromMemory(ann, bob)
  await close()
})

test('a device whose storage is full says so, once, and what is written arrives all the same', async ({ server, bob, launchOptions }) => {
  const { person: ann, close } = await opensOwnBrowser({ server, launchOptions }, {})
  const devtools = await ann.page.context().newCDPSession(ann.page)
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: ann.origin, quotaSize: 250_000 })
  await ann.continuesAsGuest()
  const notice = ann.page.getByTestId('notice')
  const long = '文'.repeat(3_900)
  const written: string[] = []
  while ((await notice.count()) === 0 && written.length < 40) {
    written.push(`${written.length} ${long}`)
    await ann.composer.fill(written.at(-1)!)
    await ann.composer.press('Enter')
    await expect(ann.page.getByTestId('message').last()).toHaveAttribute('data-status', /sent|read/)
  }
  await expect(notice).toHaveText(/storage of this device is full/)
  expect(written.length, 'there was room for some').toBeGreaterThan(3)
  await talksFromMemory(ann, bob)
  await expect(notice).toHaveCount(1)
  await bob.seesInOrder([...written, 'can you read me?', 'yes', 'kept in memory'])
  await close()
})

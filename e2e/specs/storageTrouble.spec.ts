import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

/** A page of the same site that is not the app, and the name of this person's database. */
async function beside(person: Person): Promise<{ page: Page; database: string }> {
  const page = await person.page.context().newPage()
  await page.goto(`${person.origin}/health`)
  return { page, database: `tidemark:${await person.userId()}` }
}

async function losesTheServer(person: Person) {
  person.line.refuse()
  await person.connectionIs('reconnecting')
}

/** Written without a server; `queued` and not a word more means that it is in the storage. */
async function keeps(person: Person, text: string) {
  await person.writes(text)
  await person.sees(text, 'queued')
  await expect(person.row(text)).not.toContainText('not saved on this device')
}

test('while another tab will not let go of the storage the app starts, says so, catches up and sends; without that tab all is well', async ({
  ann,
  bob,
}) => {
  await ann.writes('kept before')
  await bob.sees('kept before')
  const { page: holder, database } = await beside(ann)
  // whoever opens the database now waits behind a deletion, which waits for this tab
  await holder.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        indexedDB.open(name).onsuccess = () => {
          indexedDB.deleteDatabase(name).onblocked = () => resolve()
        }
      }),
    database,
  )
  await bob.writes('said meanwhile')
  await ann.reloads()
  await expect(ann.page.getByTestId('notice')).toContainText('Another tab blocks the storage of this browser')
  await ann.connectionIs('live')
  await ann.writes('from memory')
  await ann.sees('from memory', 'sent')
  for (const person of [ann, bob]) await person.seesInOrder(['kept before', 'said meanwhile', 'from memory'])

  await holder.close()
  await ann.reloads()
  await ann.connectionIs('live')
  await ann.seesInOrder(['kept before', 'said meanwhile', 'from memory'])
  await losesTheServer(ann)
  await keeps(ann, 'kept again')
  await expect(ann.page.getByTestId('notice')).toHaveCount(0)
})

test('a newer build in another tab gets the storage at once; the older page says that it keeps nothing more, and all it has arrives', async ({
  ann,
  bob,
}) => {
  const { page: newer, database } = await beside(ann)
  await losesTheServer(ann)
  await keeps(ann, 'before the upgrade')
  const upgrade = await newer.evaluate(
    (name) =>
      new Promise<string>((resolve) => {
        const opening = indexedDB.open(name, 99)
        opening.addEventListener('blocked', () => resolve('is blocked'))
        opening.addEventListener('success', () => resolve('is done'))
      }),
    database,
  )
  expect(upgrade).toBe('is done')
  await ann.writes('after the upgrade')
  await ann.sees('after the upgrade', 'queued')
  await expect(ann.row('after the upgrade')).toContainText('not saved on this device')
  await expect(ann.page.getByTestId('notice')).toContainText('Keep this page open until everything is sent')

  ann.line.pass()
  await bob.seesInOrder(['before the upgrade', 'after the upgrade'])
  await ann.sees('after the upgrade', 'sent')
  expect((await bob.messages()).length).toBe(2)
})

test('what waits in a page whose storage is deleted is kept anew with the next message, and both arrive from the next tab', async ({ ann, bob }) => {
  await ann.writes('sent before')
  await bob.sees('sent before')
  const { page: other, database } = await beside(ann)
  await losesTheServer(ann)
  await keeps(ann, 'before the deletion')
  const deletion = await other.evaluate(
    (name) =>
      new Promise<string>((resolve) => {
        const deleting = indexedDB.deleteDatabase(name)
        deleting.addEventListener('blocked', () => resolve('is blocked'))
        deleting.addEventListener('success', () => resolve('is done'))
      }),
    database,
  )
  expect(deletion).toBe('is done')
  await keeps(ann, 'after the deletion')
  await expect(ann.row('before the deletion')).not.toContainText('not saved on this device')
  await ann.seesInOrder(['sent before', 'before the deletion', 'after the deletion'])
  await ann.page.close()

  ann.line.pass()
  await other.goto(`${ann.origin}/chat/lobby`)
  await bob.seesInOrder(['sent before', 'before the deletion', 'after the deletion'])
  expect((await bob.messages()).length).toBe(3)
})

const DAMAGES = {
  'ends in the middle of what was written last': { files: /\.log$/, damage: (bytes: Buffer) => bytes.subarray(0, bytes.length / 2) },
  'is full of somebody else’s bytes': { files: /\.(log|ldb)$|MANIFEST-\d+$/, damage: (bytes: Buffer) => Buffer.alloc(bytes.length, 'nonsense') },
}

for (const [how, { files, damage }] of Object.entries(DAMAGES)) {
  test(`an app whose storage ${how} starts as the same person, says what it took along, catches up, keeps and sends`, async ({ newBrowser, bob }) => {
    const { profile, line, start, quit } = await newBrowser()
    const before = await start()
    await before.continuesAsGuest()
    const who = await before.userId()
    for (const text of ['one', 'two', 'three']) {
      await before.writes(text)
      await before.sees(text, 'sent')
    }
    await losesTheServer(before)
    for (const text of ['waits', 'waits too']) await keeps(before, text)
    await quit()
    line.pass()
    const folder = join(profile, 'Default', 'IndexedDB')
    const damaged = (await readdir(folder, { recursive: true })).filter((file) => files.test(file)).map((file) => join(folder, file))
    expect(damaged.length).toBeGreaterThan(0)
    for (const file of damaged) await writeFile(file, damage(await readFile(file)))
    await bob.writes('four')

    const ann = await start()
    await ann.opens('/chat/lobby')
    await ann.connectionIs('live')
    expect(await ann.userId()).toBe(who)
    await ann.seesInOrder(['one', 'two', 'three', 'four'])
    await expect(ann.page.getByTestId('notice')).toHaveText(
      /^2 messages that waited on this device could not be read back\. Look which of them arrived/,
    )
    await ann.reloads()
    await ann.connectionIs('live')
    await losesTheServer(ann)
    await keeps(ann, 'five')
    // What is written behind the end of a damaged log takes the whole storage along when a browser reads it the next time.
    await quit()
    line.pass()
    const again = await start()
    await again.opens('/chat/lobby')
    await bob.seesInOrder(['one', 'two', 'three', 'four', 'five'])
    // told once
    await expect(again.page.getByTestId('notice')).toHaveCount(0)
    expect((await bob.messages()).length).toBe(5)
  })
}

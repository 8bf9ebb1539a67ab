import { expect, test } from '#e2e/support/fixtures.ts'
import { Person } from '#e2e/support/person.ts'

/** The texts of composers as the browser's database has them. */
async function keptDrafts({ page }: Person): Promise<unknown[]> {
  return page.evaluate(async () => {
    const { name } = (await indexedDB.databases()).find((each) => each.name?.startsWith('tidemark:'))!
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open(name!)
      opening.addEventListener('success', () => resolve(opening.result))
    })
    const drafts = await new Promise<{ text: string }[]>((resolve) => {
      const reading = db.transaction('drafts').objectStore('drafts').getAll()
      reading.addEventListener('success', () => resolve(reading.result as { text: string }[]))
    })
    db.close()
    return drafts.map(({ text }) => text)
  })
}

test('a tab closed the moment its message shows the clock has it kept: the next tab sends it', async ({ ann, bob }) => {
  // only a tab that a script opened can be closed by a script, and only a script is fast enough
  await ann.opens('/health')
  const opened = ann.page.waitForEvent('popup')
  await ann.page.evaluate(() => void open('/chat/lobby'))
  const tab = new Person({ name: 'Ann (a tab)', page: await opened, line: ann.line, origin: ann.origin })
  await tab.connectionIs('live')
  ann.line.refuse()
  await tab.connectionIs('reconnecting')
  await tab.page.evaluate(() =>
    new MutationObserver(() => document.querySelector('[data-testid="message"][data-status="queued"]') && window.close()).observe(document.body, {
      attributes: true,
      childList: true,
      subtree: true,
    }),
  )
  const closed = tab.page.waitForEvent('close')
  await tab.composer.fill('last words')
  // the tab may be gone before the key is up
  await tab.composer.press('Enter').catch(() => {})
  await closed

  ann.line.pass()
  await ann.opens('/chat/lobby')
  await ann.sees('last words', 'sent')
  await bob.sees('last words')
  expect((await bob.messages()).length).toBe(1)
  expect(tab.faults).toEqual([])
})

test('a page reloaded before anything could be kept has its message all the same, once', async ({ ann, bob }) => {
  await ann.canKeepNothing()
  ann.page.on('dialog', (dialog) => void dialog.accept())
  await ann.writes('at once')
  await ann.sees('at once', 'saving')
  await ann.reloads()
  await ann.sees('at once', 'sent')
  await bob.sees('at once')
  await ann.reloads()
  await ann.writes('and then')
  for (const person of [ann, bob]) await person.seesInOrder(['at once', 'and then'])
  expect((await bob.messages()).length).toBe(2)
})

test('a page reloaded before the answer to its message came shows it once, sent', async ({ ann, bob }) => {
  // neither the answer nor what would make up for it
  let isUnheard = true
  void ann.line.dropFrames('down', (text) => isUnheard && /^4[23]/.test(text), Infinity)
  await ann.writes('reloaded upon')
  await bob.sees('reloaded upon')
  await ann.sees('reloaded upon', 'sending')
  isUnheard = false
  await ann.reloads()
  await ann.sees('reloaded upon', 'sent')
  await bob.sees('reloaded upon')
  await ann.writes('next')
  for (const person of [ann, bob]) {
    await person.seesInOrder(['reloaded upon', 'next'])
    await expect.poll(async () => (await person.messages()).map(({ seq }) => seq)).toEqual([1, 2])
  }
})

test('a browser killed while somebody writes gives back their half sentence', async ({ newBrowser }) => {
  const { start, quit, kill9 } = await newBrowser()
  await (await start()).continuesAsGuest()
  // cookies reach the disk half a minute late, or when the browser is closed
  await quit()
  const ann = await start()
  await ann.opens('/chat/lobby')
  await ann.connectionIs('live')
  await ann.composer.pressSequentially('half a sen')
  await expect.poll(() => keptDrafts(ann)).toEqual(['half a sen'])
  await kill9()
  const again = await start()
  await again.opens('/chat/lobby')
  await expect(again.composer).toHaveValue('half a sen')
})

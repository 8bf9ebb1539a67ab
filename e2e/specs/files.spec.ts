import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Locator } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import { PNG } from '#e2e/support/picture.ts'
import type { Person } from '#e2e/support/person.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const attached = (person: Person): Locator => person.page.getByTestId('attached-file')
const uploading = (person: Person): Locator => person.page.getByTestId('upload-row')
const sendsIt = (person: Person) => person.page.getByRole('button', { name: 'Send', exact: true }).click()
const fileRow = (person: Person, name: string): Locator =>
  person.page.getByTestId('message').filter({ has: person.page.getByTestId('message-file').filter({ hasText: name }) })

async function saves(person: Person, name: string): Promise<Buffer> {
  const begun = person.page.waitForEvent('download')
  await fileRow(person, name)
    .getByRole('button', { name: `Save ${name}` })
    .click()
  const download = await begun
  expect(download.suggestedFilename()).toBe(name)
  return readFile(await download.path())
}

test('a picture that is pasted goes with a few words, stands in its place, and opens as large as it is', async ({ ann, bob }) => {
  await ann.composer.fill('from the ferry')
  await ann.composer.evaluate(
    (box, bytes) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(bytes)], 'ferry.png', { type: 'image/png' }))
      box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }))
    },
    [...PNG],
  )
  await expect(attached(ann)).toContainText('ferry.png')
  await ann.composer.press('Enter')
  await expect(attached(ann)).toHaveCount(0)
  await expect(ann.composer).toHaveValue('')
  await ann.sees('from the ferry', 'sent')

  await bob.sees('from the ferry')
  const picture = bob.row('from the ferry').getByRole('button', { name: 'Picture ferry.png' })
  await expect.poll(() => picture.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(40)
  await picture.click()
  await expect(bob.page.getByRole('dialog', { name: 'ferry.png' })).toContainText('40 × 30')
  const begun = bob.page.waitForEvent('download')
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  expect(sha256(await readFile(await (await begun).path()))).toBe(sha256(PNG))
  await bob.page.keyboard.press('Escape')
  await bob.reloads()
  await expect(picture.locator('img')).toBeVisible()
})

test('a file is dropped anywhere on the page, can be taken away again, and needs no words', async ({ ann, bob }) => {
  await ann.page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    for (const name of ['plan.txt', 'other.txt']) dataTransfer.items.add(new File([`this is ${name}`], name, { type: 'text/plain' }))
    document.querySelector('main')!.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
    document.querySelector('main')!.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  })
  await expect(attached(ann)).toHaveCount(2)
  await ann.page.getByRole('button', { name: 'Take away other.txt' }).click()
  await expect(attached(ann)).toHaveCount(1)
  await ann.composer.press('Enter')
  expect((await saves(bob, 'plan.txt')).toString()).toBe('this is plan.txt')
  await expect(bob.page.getByTestId('message-file')).toHaveCount(1)

  await ann.writes('the plan in words')
  await bob.sees('the plan in words')
  await bob.page.goto(new URL('/search?q=plan', bob.line.url).href)
  const found = bob.page.getByTestId('search-count')
  await expect(found).toContainText('2 messages')
  // what is looked for stands in the address, and the box says what stands there
  await bob.page.getByRole('checkbox', { name: 'With files only' }).click()
  await expect(bob.page.getByRole('checkbox', { name: 'With files only' })).toBeChecked()
  await expect(found).toContainText('1 message')
  await bob.page.getByRole('link', { name: /plan\.txt/ }).click()
  await expect(bob.page.getByTestId('message-file')).toContainText('plan.txt')
})

test('a text that is too long for a message becomes a file', async ({ ann, bob }) => {
  const text = 'all of it. '.repeat(800)
  await ann.composer.fill(text)
  await ann.page.getByRole('button', { name: 'Make it a file' }).click()
  await expect(ann.composer).toHaveValue('')
  await ann.composer.fill('the minutes')
  await ann.composer.press('Enter')
  expect((await saves(bob, 'text.txt')).toString()).toBe(text)
})

test('what is chosen without a connection is sent when there is one; what is written meanwhile does not wait for it', async ({ ann, bob }) => {
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.attaches({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('offline') })
  await ann.composer.press('Enter')
  await expect(uploading(ann)).toContainText('Goes on when you’re back')
  await ann.writes('and words')
  await expect(ann.page.getByTestId('outbox-count')).toHaveText('2')
  ann.line.pass()
  await bob.sees('and words')
  expect((await saves(bob, 'notes.txt')).toString()).toBe('offline')
  await expect(uploading(ann)).toHaveCount(0)
  await expect(ann.page.getByTestId('outbox-count')).toHaveCount(0)
})

test('an upload goes on after a reload, and can be cancelled', async ({ ann, bob }) => {
  const film = { name: 'film.bin', mimeType: '', buffer: randomBytes(9_000_000) }
  ann.line.bandwidth(300_000, 'up')
  await ann.attaches(film)
  await ann.composer.fill('my film')
  await sendsIt(ann)
  await expect(uploading(ann)).toContainText(/\d(\.\d)? MB of 9 MB/)
  await ann.reloads()
  await expect(uploading(ann)).toContainText('film.bin')
  await ann.attaches({ name: 'not this.bin', mimeType: '', buffer: randomBytes(2_000_000) })
  await sendsIt(ann)
  await expect(uploading(ann)).toHaveCount(2)
  await ann.page.getByRole('button', { name: 'Cancel not this.bin' }).click()
  await expect(uploading(ann)).toHaveCount(1)
  ann.line.pass()
  ann.line.bandwidth(Infinity, 'up')
  await bob.sees('my film')
  expect(sha256(await saves(bob, 'film.bin'))).toBe(sha256(film.buffer))
  await expect(bob.page.getByTestId('message-file')).toHaveCount(1)
})

test('twenty megabytes arrive byte for byte over ten cuts and a restart of the server, and little of it twice', async ({ ann, bob, server }) => {
  const bytes = randomBytes(20_000_000)
  await ann.attaches({ name: 'big.bin', mimeType: '', buffer: bytes })
  const before = ann.line.counters.bytesUp
  ann.line.bandwidth(2_000_000, 'up')
  await sendsIt(ann)
  for (let cut = 1; cut <= 10; cut++) {
    // each time a good part further, so that there is something to lose
    const from = ann.line.counters.bytesUp
    await expect.poll(() => ann.line.counters.bytesUp).toBeGreaterThan(from + 400_000)
    if (cut === 5) {
      await server.kill9()
      await server.start()
    } else ann.line.cut()
  }
  await expect(fileRow(bob, 'big.bin')).toBeVisible()
  expect(sha256(await saves(bob, 'big.bin'))).toBe(sha256(bytes))
  const sent = ann.line.counters.bytesUp - before
  test.info().annotations.push({ type: 'sent', description: `${sent} bytes for ${bytes.length}` })
  expect(sent).toBeLessThan(1.5 * bytes.length)
})

test('the file of a deleted message is gone, also for who has it on screen', async ({ ann, bob }) => {
  await ann.attaches({ name: 'secret.png', mimeType: 'image/png', buffer: PNG })
  await ann.composer.fill('look')
  await sendsIt(ann)
  await bob.sees('look')
  const address = await bob.row('look').locator('img').getAttribute('src')
  expect((await bob.page.request.get(new URL(address!, bob.line.url).href)).status()).toBe(200)
  await (await ann.tools('look')).getByRole('button', { name: 'More' }).click()
  await ann.page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(bob.page.getByTestId('message-picture')).toHaveCount(0)
  await expect.poll(async () => (await bob.page.request.get(new URL(address!, bob.line.url).href)).status()).toBe(404)
})

test.describe('on a server that takes small files only', () => {
  test.use({ settings: { LIMIT_FILE_BYTES: '1000' } })

  test('a bigger one says why it can’t be sent, holds up nothing, and goes away when it is told to', async ({ ann, bob }) => {
    await ann.attaches({ name: 'big.bin', mimeType: '', buffer: randomBytes(2_000) })
    await ann.composer.press('Enter')
    await expect(uploading(ann)).toContainText('this server does not take files as big as this')
    await ann.attaches({ name: 'small.bin', mimeType: '', buffer: randomBytes(500) })
    await ann.composer.press('Enter')
    await expect(fileRow(bob, 'small.bin')).toBeVisible()
    await ann.page.getByRole('button', { name: 'Cancel big.bin' }).click()
    await expect(uploading(ann)).toHaveCount(0)
  })
})

test('a file whose name can’t be read as it stands goes out under what is left of it', async ({ ann, bob }) => {
  await ann.page.getByTestId('file-input').setInputFiles({ name: 'invoice\u202Efdp\t.txt', mimeType: 'text/plain', buffer: Buffer.from('1 000') })
  await expect(ann.page.getByTestId('attached-file')).toContainText('invoicefdp.txt')
  await ann.composer.fill('as agreed')
  await ann.composer.press('Enter')
  await ann.sees('as agreed', 'sent')
  await expect(bob.row('as agreed').getByTestId('message-file')).toContainText('invoicefdp.txt')
})

import { randomUUID } from 'node:crypto'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'
import type { TestServer } from '#e2e/support/server.ts'

test('what a full device can’t keep says so and is asked about before the page goes; once there is room it is kept and nothing is asked', async ({
  newBrowser,
  bob,
}) => {
  const { start, line } = await newBrowser()
  const ann = await start()
  const devtools = await ann.page.context().newCDPSession(ann.page)
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: ann.origin, quotaSize: 150_000 })
  await ann.continuesAsGuest()
  line.refuse()
  await ann.connectionIs('reconnecting')

  const long = '文'.repeat(3_900)
  const last = ann.page.getByTestId('message').last()
  const NOT_SAVED = 'not saved on this device'
  let written = 0
  while (written === 0 || !(await last.innerText()).includes(NOT_SAVED)) {
    expect(written).toBeLessThan(40)
    await ann.composer.fill(`${written} ${long}`)
    await ann.composer.press('Enter')
    await expect(last).toContainText(`${written} 文`)
    await expect(last).toHaveAttribute('data-status', 'queued')
    written++
  }
  expect(written, 'there was room for some').toBeGreaterThan(3)
  await expect(ann.page.getByTestId('notice')).toHaveText(/storage of this device is full/)
  const question = ann.page.waitForEvent('dialog')
  await ann.page.close({ runBeforeUnload: true })
  expect((await question).type()).toBe('beforeunload')
  await (await question).dismiss()
  await expect(last).toContainText(NOT_SAVED)

  await devtools.send('Storage.overrideQuotaForOrigin', { origin: ann.origin })
  await expect(last).not.toContainText(NOT_SAVED)
  await expect(last).toHaveAttribute('data-status', 'queued')
  const later = await ann.page.context().newPage()
  // closes only when nothing is asked
  const closed = ann.page.waitForEvent('close')
  await ann.page.close({ runBeforeUnload: true })
  await closed

  line.pass()
  await later.goto(`${ann.origin}/chat/lobby`)
  await expect.poll(async () => (await bob.messages()).map(({ text }) => parseInt(text, 10))).toEqual(Array.from({ length: written }, (_, i) => i))
})

/** Somebody without a page who says so many things in the lobby, one after the other. */
async function saysMuch({ url }: TestServer, count: number) {
  const ask = async (path: string, body: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(response.ok).toBe(true)
    return (await response.json()) as { accessToken: string }
  }
  const { accessToken } = await ask('/api/session/guest', { deviceId: randomUUID(), name: 'Cem' })
  for (let said = 0; said < count; said += 20) {
    const messages = Array.from({ length: 20 }, (_, i) => ({
      clientId: randomUUID(),
      body: `Cem ${said + i + 1} ${'…'.repeat(300)}`,
      sentAt: Date.now(),
    }))
    await ask('/api/messages', { conv: 'lobby', messages }, accessToken)
  }
}

/** The numbers of the messages that Ann's browser keeps of the lobby. */
const keptBy = ({ page }: Person, user: string): Promise<number[]> =>
  page.evaluate(
    (name) =>
      new Promise<number[]>((resolve) => {
        indexedDB.open(name).onsuccess = ({ target }) => {
          const db = (target as IDBOpenDBRequest).result
          db.transaction('messages').objectStore('messages').getAllKeys().onsuccess = (event) => {
            db.close()
            resolve((event.target as IDBRequest<[string, number][]>).result.map(([, seq]) => seq))
          }
        }
      }),
    `tidemark:${user}`,
  )

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

test.describe('with a long history', () => {
  test.use({ settings: { LIMIT_MESSAGES: '1000/1000' } })

  test('a full device gives up the oldest of it, nothing of what was written, and reads it again from the server', async ({
    newBrowser,
    server,
    bob,
  }) => {
    const { start, quit, line } = await newBrowser()
    const before = await start()
    await before.continuesAsGuest()
    const user = await before.userId()
    await saysMuch(server, 280)
    await expect.poll(() => keptBy(before, user)).toEqual(from(1, 280))
    // a browser that has just started looks at once how much room there is
    await quit()

    const ann = await start()
    const devtools = await ann.page.context().newCDPSession(ann.page)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: ann.origin, quotaSize: 1_000 })
    await ann.opens('/chat/lobby')
    await ann.connectionIs('live')
    line.refuse()
    await ann.connectionIs('reconnecting')
    for (const text of ['one', 'two']) {
      await ann.writes(text)
      await ann.sees(text, 'queued')
    }
    await expect.poll(() => keptBy(ann, user)).toEqual(from(81, 280))
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: ann.origin })
    await expect(ann.page.getByText('not saved on this device')).toHaveCount(0)

    line.pass()
    await bob.seesInOrder(['one', 'two'])
    await ann.reloads()
    await ann.connectionIs('live')
    await ann.seesInOrder(['one', 'two'])
    await ann.list.hover()
    const read = new Set<number>()
    await expect
      .poll(
        async () => {
          const seqs = (await ann.messages()).flatMap(({ seq }) => (seq === null ? [] : [seq]))
          expect(seqs).toEqual(from(seqs[0]!, seqs.at(-1)!))
          seqs.forEach((seq) => read.add(seq))
          await ann.page.mouse.wheel(0, -20_000)
          return read.has(1)
        },
        { message: 'Ann reads up to the first message', intervals: [100] },
      )
      .toBe(true)
    expect([...read].sort((a, b) => a - b)).toEqual(from(1, 282))
  })
})

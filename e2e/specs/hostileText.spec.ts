import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'
import { HOSTILE_TEXTS } from '#testing/hostileTexts.ts'
import { uuidv7 } from '#protocol/ids.ts'
import { BATCH_MAX, BATCH_MAX_BYTES, NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'

test.use({ settings: { LIMIT_MESSAGES: '100000/100000' } })

/** Somebody who talks to the server without a page, so that nothing holds them back. */
async function withoutPage(url: string) {
  const deviceId = uuidv7(Date.now(), (bytes) => crypto.getRandomValues(bytes))
  let accessToken = ''
  const ask = async (method: string, path: string, body: object) => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(accessToken !== '' && { authorization: `Bearer ${accessToken}` }) },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  accessToken = String((await ask('POST', '/api/session/guest', { deviceId })).body['accessToken'])
  return {
    ask,
    /** Resolves to the client ids, in order. */
    writes: async (conv: string, texts: readonly string[]) => {
      const messages = texts.map((body) => ({ clientId: uuidv7(Date.now(), (bytes) => crypto.getRandomValues(bytes)), body, sentAt: Date.now() }))
      const { body } = await ask('POST', '/api/messages', { conv, messages })
      expect((body['results'] as { ok: boolean }[]).map(({ ok }) => ok)).toEqual(texts.map(() => true))
      return messages.map(({ clientId }) => clientId)
    },
  }
}

/** In pieces that one request may carry. */
function* batches(texts: readonly string[]): Generator<string[]> {
  let batch: string[] = []
  for (const text of texts) {
    if (batch.length === BATCH_MAX || Buffer.byteLength(JSON.stringify([...batch, text])) > BATCH_MAX_BYTES) {
      yield batch
      batch = []
    }
    batch.push(text)
  }
  yield batch
}

/** Writes down whatever a text should never bring about. */
async function watches(person: Person): Promise<() => Promise<string[]>> {
  const harm: string[] = []
  person.page.on('dialog', (dialog) => {
    harm.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  person.page.on('request', (request) => {
    if (!request.url().startsWith(person.origin) && !/^(data|blob):/.test(request.url())) harm.push(`request: ${request.url()}`)
  })
  await person.page.exposeFunction('violated', (what: string) => harm.push(`policy: ${what}`))
  await person.page.evaluate(() => {
    const { violated } = window as unknown as { violated: (what: string) => void }
    document.addEventListener('securitypolicyviolation', (event) => violated(`${event.violatedDirective} ${event.blockedURI}`))
  })
  return async () => [...harm, ...(await person.page.evaluate(() => ('wasHere' in window ? ['a text was run'] : [])))]
}

/** The texts of these rows once all are there. */
const textsOf = (person: Person, clientIds: string[]) =>
  person.page.evaluate(
    (ids) => ids.map((id) => document.querySelector(`[data-testid=message][data-client-id="${id}"] [data-testid=message-text]`)?.textContent ?? null),
    clientIds,
  )

test('no text does anything but stand there, exactly as it was sent', async ({ bob, server }) => {
  expect(HOSTILE_TEXTS.length).toBeGreaterThanOrEqual(300)
  const harm = await watches(bob)
  const mallory = await withoutPage(server.url)
  for (const texts of batches(HOSTILE_TEXTS)) {
    const ids = await mallory.writes('lobby', texts)
    await expect.poll(() => textsOf(bob, ids)).toEqual(texts)
  }
  const links = await bob.list.getByRole('link').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).protocol))
  expect(links.filter((protocol) => !['http:', 'https:', 'mailto:'].includes(protocol))).toEqual([])
  expect(await harm()).toEqual([])
})

test('a page that is opened later reads them the same way', async ({ bob, newPerson, server }) => {
  await bob.writes('first')
  await bob.sees('first', 'sent')
  const mallory = await withoutPage(server.url)
  const texts = HOSTILE_TEXTS.filter((text, n) => n % 7 === 0 && text.length < 300).slice(-BATCH_MAX)
  for (const batch of batches(texts)) await mallory.writes('lobby', batch)
  const cleo = await newPerson('Cleo')
  await cleo.continuesAsGuest()
  const harm = await watches(cleo)
  await expect.poll(async () => (await cleo.messages()).map(({ text }) => text)).toEqual(['first', ...texts])
  await cleo.reloads()
  await expect.poll(async () => (await cleo.messages()).map(({ text }) => text)).toEqual(['first', ...texts])
  expect(await harm()).toEqual([])
})

test('no name of a person or group does either, and none reaches beyond itself', async ({ bob, server }) => {
  const harm = await watches(bob)
  const mallory = await withoutPage(server.url)
  const names = HOSTILE_TEXTS.filter((text) => text.trim() === text && [...text].length <= NAME_MAX_GRAPHEMES).filter((_, n) => n % 4 === 0)
  expect(names.length).toBeGreaterThanOrEqual(50)
  const shown = bob.list.getByTestId('message').last()
  let accepted = 0
  for (const name of names) {
    const { status } = await mallory.ask('PATCH', '/api/me', { name })
    if (status === 400) continue
    expect(status).toBe(200)
    accepted++
    const [id] = await mallory.writes('lobby', [`called ${accepted}`])
    const row = bob.page.locator(`[data-testid=message][data-client-id="${id}"]`)
    await expect(row).toBeVisible()
    expect(await row.locator('bdi').first().textContent()).toBe(name)
  }
  expect(accepted).toBeGreaterThan(40)
  await expect(shown).toBeVisible()
  const me = await bob.userId()
  for (const name of names.filter((_, n) => n % 5 === 0)) {
    const { status, body } = await mallory.ask('POST', '/api/conversations', { name, members: [me] })
    if (status === 400) continue
    const { id } = body['conversation'] as { id: string }
    const item = bob.page.locator(`[data-conversation-id="${id}"]`)
    await expect(item).toBeVisible()
    expect(await item.locator('bdi').first().textContent()).toBe(name)
  }
  expect(await harm()).toEqual([])
})

test('what is pasted as HTML arrives as text', async ({ ann }) => {
  const harm = await watches(ann)
  // a part of the page that comes a moment later
  await ann.page.waitForFunction(() => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/html', '<p>is it here?</p>')
    return !document.querySelector('textarea')!.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  await expect(ann.composer).toHaveValue('is it here?')
  const left = await ann.page.evaluate(
    async (texts) => {
      const box = document.querySelector('textarea')!
      const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')!.set!
      const left: string[] = []
      for (const text of texts) {
        box.focus()
        set.call(box, '')
        box.dispatchEvent(new Event('input', { bubbles: true }))
        const clipboardData = new DataTransfer()
        clipboardData.setData('text/html', `<p>before</p>${text}<p>after</p>`)
        clipboardData.setData('text/plain', 'before after')
        const arrived = new Promise((resolve) => box.addEventListener('input', resolve, { once: true }))
        box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
        await arrived
        if (!box.value.includes('before')) left.push(text)
      }
      return left
    },
    HOSTILE_TEXTS.slice(0, 220),
  )
  expect(left).toEqual([])
  expect(await harm()).toEqual([])
})

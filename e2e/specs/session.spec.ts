import { expect, test } from '#e2e/support/fixtures.ts'

test.describe('with tokens that last two seconds', () => {
  test.use({ settings: { ACCESS_TOKEN_TTL_MS: '2000' } })

  test('tokens expire under an open line, and nobody notices', async ({ ann, bob }) => {
    const who = await ann.userId()
    const seen: string[] = []
    await ann.page.exposeFunction('connectionWas', (name: string) => seen.push(name))
    await ann.page.evaluate(() => {
      const { connectionWas } = window as unknown as { connectionWas: (name: string | undefined) => void }
      new MutationObserver(() => connectionWas(document.documentElement.dataset['connection'])).observe(document.documentElement, {
        attributes: true,
      })
    })
    const renewals = () =>
      ann.page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/api/session/refresh')).length)
    const before = await renewals()
    await expect.poll(renewals).toBeGreaterThanOrEqual(before + 3)
    await ann.writes('still me')
    await bob.sees('still me')
    expect(await ann.userId()).toBe(who)
    expect(seen.filter((name) => name === 'signed-out' || name === 'refused' || name === 'authenticating')).toEqual([])
  })

  test('a token that expired while the line was away is renewed before the redial', async ({ ann, bob }) => {
    const who = await ann.userId()
    await ann.goesOffline()
    await ann.writes('from before')
    const leftAt = Date.now()
    await expect.poll(() => Date.now() - leftAt).toBeGreaterThan(3_000)
    await ann.comesOnline()
    await ann.connectionIs('live')
    await bob.sees('from before')
    expect(await ann.userId()).toBe(who)
  })
})

/** As long as a token lives here; a run with TOKEN_LIFE_MS=20000 talks for five minutes. */
const LIFE_MS = Number(process.env['TOKEN_LIFE_MS'] ?? 2_000)
const LIVES = 15

test.describe('while people talk without a pause', () => {
  test.use({ settings: { ACCESS_TOKEN_TTL_MS: String(LIFE_MS), LIMIT_MESSAGES: '100000/100000' } })

  test('tokens expire again and again: nobody is interrupted, and nothing is lost', async ({ ann, bob }) => {
    test.setTimeout(300_000 + 2 * LIVES * LIFE_MS)
    const seen: string[] = []
    for (const one of [ann, bob]) {
      await one.page.exposeFunction('connectionWas', (name: string) => seen.push(name))
      await one.page.evaluate(() => {
        const { connectionWas } = window as unknown as { connectionWas: (name: string | undefined) => void }
        window.addEventListener('tidemark:connection', () => connectionWas(document.documentElement.dataset['connection']))
      })
    }
    const texts: string[] = []
    const end = Date.now() + LIVES * LIFE_MS
    while (Date.now() < end) {
      const writer = texts.length % 2 === 0 ? ann : bob
      const text = `words ${texts.length}`
      // an answer comes after what it answers; words that cross may stand in either order
      const [before] = texts.slice(-1)
      if (before !== undefined) await writer.sees(before)
      await writer.writes(text)
      texts.push(text)
    }
    const last = texts.slice(-40)
    for (const one of [ann, bob]) {
      await one.isUpToDate()
      await one.seesInOrder(last)
      await one.page.getByRole('button', { name: 'Details' }).click()
      await expect(one.page.getByTestId('message-count')).toHaveText(String(texts.length))
    }
    expect(seen).toEqual([])
  })
})

test('a guest is the same person after a reload', async ({ ann, bob }) => {
  const who = await ann.userId()
  await ann.writes('mine')
  await ann.reloads()
  await ann.connectionIs('live')
  expect(await ann.userId()).toBe(who)
  await ann.sees('mine', 'sent')
  await ann.writes('also mine')
  await bob.seesInOrder(['mine', 'also mine'])
})

test('a link into the app leads there after Continue as guest', async ({ newPerson }) => {
  const cleo = await newPerson('Cleo')
  await cleo.opens('/settings')
  await cleo.page.getByRole('button', { name: 'Continue as guest' }).click()
  await expect(cleo.page).toHaveURL(/\/settings$/)
  await expect(cleo.chip).toHaveText('Connected')
})

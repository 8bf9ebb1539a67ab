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
    await expect.poll(renewals, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + 3)
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
    await expect.poll(() => Date.now() - leftAt, { timeout: 10_000 }).toBeGreaterThan(3_000)
    await ann.comesOnline()
    await ann.connectionIs('live')
    await bob.sees('from before')
    expect(await ann.userId()).toBe(who)
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

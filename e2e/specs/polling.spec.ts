import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'
import { startServer } from '#e2e/support/server.ts'

const transport = (person: Person) => person.page.locator('[data-testid="debug-panel"] [data-fact="transport"] dd')

for (const [what, block] of [
  ['refused', 'refuseUpgrades'],
  ['swallowed', 'swallowUpgrades'],
] as const) {
  test(`where WebSockets are ${what} people talk by polling, and move to a WebSocket when one gets through, without a reload`, async ({
    newPerson,
    bob,
  }) => {
    const cleo = await newPerson('Cleo')
    cleo.line[block]()
    await cleo.opens('/chat/lobby?debug=1')
    await cleo.page.getByRole('button', { name: 'Continue as guest' }).click()
    await cleo.connectionIs('live')
    await expect(transport(cleo)).toHaveText('polling')
    await cleo.writes('by polling')
    await bob.sees('by polling')
    await bob.writes('heard by polling')
    await cleo.sees('heard by polling')
    await cleo.page.evaluate(() => Object.assign(window, { samePage: true }))

    cleo.line.pass()
    // what was swallowed before is answered now, too late; the next look is a minute away, and at once when the network comes
    await cleo.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await expect(transport(cleo)).toHaveText('websocket', { timeout: 15_000 })
    await cleo.connectionIs('live')
    await cleo.writes('by WebSocket')
    await bob.seesInOrder(['by polling', 'heard by polling', 'by WebSocket'])
    expect(await cleo.page.evaluate(() => 'samePage' in window)).toBe(true)
  })
}

test('a polling line whose requests go astray to a node that does not know its session is given up for a new one, and nothing is lost or doubled', async ({
  newPerson,
  bob,
}) => {
  const stranger = await startServer()
  const cleo = await newPerson('Cleo')
  cleo.line.refuseUpgrades()
  await cleo.opens('/chat/lobby?debug=1')
  await cleo.page.getByRole('button', { name: 'Continue as guest' }).click()
  await cleo.connectionIs('live')
  await expect(transport(cleo)).toHaveText('polling')
  await cleo.writes('before')
  await bob.sees('before')
  await cleo.page.evaluate(() => Object.assign(window, { samePage: true }))

  let toGoAstray = 3
  const answers: string[] = []
  // as where nothing sees to it that a session stays with its node
  await cleo.page.route(/\/socket\.io\/.*[?&]sid=/, async (route) => {
    if (toGoAstray-- <= 0) return route.fallback()
    const { pathname, search } = new URL(route.request().url())
    const response = await route.fetch({ url: `${stranger.url}${pathname}${search}` })
    answers.push(`${response.status()} ${await response.text()}`)
    return route.fulfill({ response })
  })
  const texts = ['one', 'two', 'three']
  for (const text of texts) await cleo.writes(text)
  await expect.poll(() => answers.length, { message: 'requests went astray' }).toBe(3)
  for (const answer of answers) expect(answer).toBe('400 {"code":1,"message":"Session ID unknown"}')
  await cleo.connectionIs('live')
  for (const text of texts) await cleo.sees(text, 'sent')
  await bob.writes('and back')
  for (const person of [cleo, bob]) await person.seesInOrder(['before', ...texts, 'and back'])
  expect(await cleo.page.evaluate(() => 'samePage' in window)).toBe(true)
  await stranger.close()
})

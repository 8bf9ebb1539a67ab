import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

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
    await cleo.connectionIs('live', 30_000)
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

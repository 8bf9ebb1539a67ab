import { expect, test } from '#e2e/support/fixtures.ts'

test('a page that opens on a slow line names every step in order, and says Connected only when what was missed is there', async ({ ann, bob }) => {
  await ann.writes('seen')
  await bob.sees('seen')
  await ann.page.goto('about:blank')
  await bob.writes('missed')
  await bob.sees('missed', 'sent')

  await ann.page.addInitScript(() => {
    const steps: { name: string; chip: string; hasAll: boolean }[] = []
    Object.assign(window, { steps })
    const note = () => {
      const name = document.documentElement.dataset['connection']
      const chip = document.querySelector('[data-testid="connection-status"]')?.textContent ?? ''
      const texts = [...document.querySelectorAll('[data-testid="message-text"]')].map((text) => text.textContent)
      if (name !== undefined && steps.at(-1)?.name !== name) steps.push({ name, chip, hasAll: texts.includes('missed') })
    }
    new MutationObserver(note).observe(document, { attributes: true, childList: true, subtree: true })
  })
  ann.line.delay(150)
  await ann.opens('/chat/lobby')
  await ann.connectionIs('live')
  await ann.sees('missed')
  const steps = await ann.page.evaluate(() => (window as unknown as { steps: { name: string; chip: string; hasAll: boolean }[] }).steps)
  expect(steps.map(({ name }) => name)).toEqual(['idle', 'connecting', 'authenticating', 'syncing', 'live'])
  for (const { name, chip } of steps) expect(chip === 'Connected', `${name} says ${chip}`).toBe(name === 'live')
  expect(steps.find(({ name }) => name === 'live')?.hasAll).toBe(true)
})

test('a newcomer whose first catch-up gets no answer is not told Connected before it is repeated', async ({ ann, newPerson }) => {
  await ann.writes('something to catch up with')
  await ann.sees('something to catch up with', 'sent')
  const cleo = await newPerson('Cleo')
  const lost = cleo.line.dropFrames('up', (text) => text.includes('"sync:pull"'))
  await cleo.opens('/')
  await cleo.page.getByRole('button', { name: 'Continue as guest' }).click()
  await lost
  await expect(cleo.chip).toHaveText('Updating…')
  await cleo.doesNotSee('something to catch up with')
  // sooner than the 8 s after which the page would ask again by itself
  cleo.line.cut()
  await cleo.connectionIs('live')
  await cleo.sees('something to catch up with')
})

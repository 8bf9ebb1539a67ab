import { expect, test } from '#e2e/support/fixtures.ts'

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
  await expect
    .poll(async () => (await bob.messages()).map(({ text }) => parseInt(text, 10)), { timeout: 20_000 })
    .toEqual(Array.from({ length: written }, (_, i) => i))
})

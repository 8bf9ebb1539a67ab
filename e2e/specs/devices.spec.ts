import { expect, test } from '#e2e/support/fixtures.ts'
import { takesLessThan } from '#e2e/support/stopwatch.ts'

const ADA = { login: 'ada', password: 'quite a long one' }

test('a sixth device gets the list, chooses, and the one that was signed out is cut in a moment', async ({ newPerson }) => {
  const first = await newPerson('Ada')
  await first.registers(ADA)
  const devices = [first]
  for (let n = 2; n <= 5; n++) {
    const device = await newPerson('Ada')
    await device.signsIn(ADA)
    await device.connectionIs('live')
    devices.push(device)
  }
  const sixth = await newPerson('Ada')
  await sixth.signsIn(ADA)
  await expect(sixth.page.getByText('You are signed in on five devices already.')).toBeVisible()
  const rows = sixth.page.getByTestId('device-row')
  await expect(rows).toHaveCount(5)
  await expect(rows.first()).toContainText('Chrome')
  const third = await devices[2]!.page.evaluate(() => localStorage.getItem('tidemark:device'))
  const row = sixth.page.locator(`[data-testid=device-row][data-device-id="${third}"]`)
  await row.getByRole('button', { name: /^Sign out and continue here/ }).click()
  await sixth.connectionIs('live')
  await devices[2]!.connectionIs('signed-out')
  await expect(devices[2]!.page.getByRole('dialog')).toContainText('This device was signed out.')
  for (const device of [first, devices[1]!, devices[3]!, devices[4]!]) await device.connectionIs('live')

  await first.opens('/devices')
  await expect(first.page.getByTestId('device-row')).toHaveCount(5)
  await expect(first.page.locator('[data-testid=device-row][data-this]')).toHaveCount(1)
  const left = [devices[1]!, devices[3]!, devices[4]!]
  await takesLessThan(
    1_000,
    async () => {
      const next = left.shift()!
      const own = await next.page.evaluate(() => localStorage.getItem('tidemark:device'))
      const cutAt = next.page.evaluate(
        () =>
          new Promise<number>((resolve) =>
            window.addEventListener(
              'tidemark:connection',
              () => document.documentElement.dataset['connection'] === 'signed-out' && resolve(Date.now()),
            ),
          ),
      )
      await next.connectionIs('live')
      const answered = first.page.waitForResponse((response) => response.request().method() === 'DELETE')
      await first.page
        .locator(`[data-testid=device-row][data-device-id="${own}"]`)
        .getByRole('button', { name: /^Sign out/ })
        .click()
      const sentAt = (await answered).request().timing().startTime
      return (await cutAt) - sentAt
    },
    left.length,
  )
  await expect(first.page.getByTestId('device-row')).toHaveCount(2 + left.length)

  await first.page.getByRole('button', { name: 'Sign out all others' }).click()
  await expect(first.page.getByTestId('device-row')).toHaveCount(1)
  for (const device of [...left, sixth]) await device.connectionIs('signed-out')
  await first.connectionIs('live')
})

test('the tabs of one browser are one device', async ({ newPerson }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  const tab = await ada.opensAnotherTab('/devices')
  await expect(tab.page.getByTestId('device-row')).toHaveCount(1)
  await expect(tab.page.getByTestId('device-row')).toContainText('(this device)')
})

import type { Locator } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'

/** As long as a name can be, in few words. */
const LONG = 'Wilhelmina Featherstonehaugh-Cholmondeley of Northern Isles'.padEnd(NAME_MAX_GRAPHEMES, 's')

for (const width of [320, 768, 1180]) {
  test(`long names leave every button within reach at ${width} px`, async ({ ann }) => {
    await ann.page.setViewportSize({ width, height: 700 })
    await ann.opens('/settings')
    await ann.page.getByRole('textbox', { name: /name/i }).fill(LONG)
    await ann.page.getByRole('button', { name: 'Save name' }).click()
    await expect(ann.page.getByRole('button', { name: 'Save name' })).toHaveAttribute('aria-disabled', 'true')

    await ann.opens('/chat')
    await ann.connectionIs('live')
    await ann.makesGroup(LONG)
    await ann.writes('https://example.org/' + 'a'.repeat(300))
    await ann.page.getByRole('button', { name: 'Details' }).click()
    await ann.page.keyboard.press('Escape')
    const overflow = await ann.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow, 'nothing sticks out sideways').toBe(0)
  })
}

for (const width of [390, 1180]) {
  test(`a notice covers neither the header nor what is being written at ${width} px`, async ({ ann }) => {
    await ann.writes('the last word')
    // what waits is in the storage that the page will be without
    await ann.sees('the last word', 'sent')
    await ann.page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))
    await ann.page.setViewportSize({ width, height: 844 })
    await ann.reloads()
    await ann.connectionIs('live')
    const notice = ann.page.getByTestId('notice')
    await expect(notice).toBeVisible()
    const boxOf = async (what: Locator) => (await what.boundingBox())!
    const [header, said, list, box] = [
      await boxOf(ann.page.locator('main header')),
      await boxOf(notice),
      await boxOf(ann.list),
      await boxOf(ann.page.getByRole('form', { name: 'Write a message' })),
    ]
    expect(said.y, 'below the header').toBeGreaterThanOrEqual(header.y + header.height)
    expect(said.y, 'below the messages').toBeGreaterThanOrEqual(list.y + list.height)
    expect(said.y + said.height, 'above the box').toBeLessThanOrEqual(box.y)
    await expect(ann.row('the last word')).toBeInViewport()
    await notice.getByRole('button', { name: 'Dismiss' }).click()
    await expect(notice).toHaveCount(0)
  })
}

test('a question stays in sight and can be answered when the phone is turned', async ({ ann }) => {
  const [wide, narrow] = [
    { width: 844, height: 390 },
    { width: 390, height: 844 },
  ]
  await ann.page.setViewportSize(wide)
  await ann.page.getByRole('button', { name: 'New group' }).click()
  const newGroup = ann.page.getByRole('dialog', { name: 'New group' })
  await newGroup.getByRole('textbox').fill('Harbour')
  await ann.page.setViewportSize(narrow)
  await expect(newGroup.getByRole('textbox')).toHaveValue('Harbour')
  await newGroup.getByRole('button', { name: 'Close' }).click()

  await ann.page.setViewportSize(wide)
  await ann.page.getByRole('button', { name: /^You are / }).click()
  await ann.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await ann.page.setViewportSize(narrow)
  await ann.page.getByRole('dialog', { name: 'Sign out?' }).getByRole('button', { name: 'Stay' }).click()
  await ann.writes('still here')
  await ann.sees('still here', 'sent')
})

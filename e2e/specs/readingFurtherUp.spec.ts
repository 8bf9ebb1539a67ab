import { expect, test } from '#e2e/support/fixtures.ts'

test('who reads further up stays where they read while messages arrive, and no message is there twice', async ({ ann, bob }) => {
  await ann.page.setViewportSize({ width: 1180, height: 400 })
  const before = Array.from({ length: 16 }, (_, i) => `before ${i}`)
  const after = Array.from({ length: 5 }, (_, i) => `after ${i}`)
  for (const text of before) await bob.writes(text)
  await ann.seesInOrder(before)

  await ann.list.hover()
  await ann.page.mouse.wheel(0, -300)
  const jump = ann.page.getByTestId('jump-latest')
  await expect(jump).toBeVisible()
  /** Where each row in sight stands. */
  const inSight = () =>
    ann.list.evaluate((list) => {
      const { top, bottom } = list.getBoundingClientRect()
      return [...list.querySelectorAll('[data-testid="message"]')].flatMap((row) => {
        const at = row.getBoundingClientRect()
        return at.top >= top && at.bottom <= bottom ? [[row.querySelector('[data-testid="message-text"]')?.textContent, Math.round(at.top)]] : []
      })
    })
  const stood = await inSight()
  expect(stood.length).toBeGreaterThan(2)
  for (const text of after) await bob.writes(text)
  await ann.sees('after 4')
  await expect(jump).toHaveAccessibleName('Jump to latest, 5 new')
  expect(await inSight()).toEqual(stood)
  await expect(ann.row('after 4')).not.toBeInViewport()
  const keys = await ann.page.getByTestId('message').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-message-id')))
  expect(new Set(keys).size).toBe(keys.length)

  await jump.click()
  await expect(ann.row('after 4')).toBeInViewport()
  await expect(jump).toHaveCount(0)
  await ann.seesInOrder([...before, ...after])
})

test('what came while the way back was still loading counts as new', async ({ ann, bob }) => {
  await ann.page.setViewportSize({ width: 1180, height: 400 })
  const before = Array.from({ length: 12 }, (_, i) => `before ${i}`)
  for (const text of before) await bob.writes(text)
  await ann.seesInOrder(before)
  let arrive = () => {}
  const arrives = new Promise<void>((resolve) => (arrive = resolve))
  await ann.page.route(/\/assets\/later-.*\.js$/, async (route) => {
    await arrives
    await route.continue()
  })
  await ann.page.reload()
  await ann.sees('before 11')
  await ann.list.hover()
  await ann.page.mouse.wheel(0, -300)
  await expect(ann.row('before 11')).not.toBeInViewport()
  await bob.writes('after')
  await ann.sees('after')
  arrive()
  await expect(ann.page.getByTestId('jump-latest')).toHaveAccessibleName('Jump to latest, 1 new')
})

import { expect, test } from '#e2e/support/fixtures.ts'

test('somebody who types is seen typing, and no longer once their tab is gone', async ({ ann, bob }) => {
  await ann.composer.pressSequentially('about to s')
  const typing = bob.page.getByTestId('typing')
  await expect(typing).toContainText('typing')
  await expect(ann.page.getByTestId('typing')).toHaveCount(0)
  // gone without a word: the line carries nothing any more, not even the end
  ann.line.freeze()
  // shown for 6 s; heartbeats would find the line dead in 10 to 20
  await expect(typing).toHaveCount(0, { timeout: 9_500 })
  ann.line.pass()
})

test('typing without a line is never told, not later either', async ({ ann, bob }) => {
  const told = bob.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let seen = 0
        new MutationObserver(() => {
          if (document.querySelector('[data-testid=typing]')) seen++
          // an own message that the server has ends the watch: what was typed before it would have been told by then
          const rows = [...document.querySelectorAll('[data-testid=message]:is([data-status=sent], [data-status=delivered], [data-status=read])')]
          if (rows.some((row) => row.querySelector('[data-testid=message-text]')?.textContent === 'the end')) resolve(seen)
        }).observe(document, { subtree: true, childList: true, attributes: true })
      }),
  )
  ann.line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.composer.pressSequentially('nobody hears this')
  ann.line.pass()
  await ann.connectionIs('live')
  await ann.isUpToDate()
  await bob.writes('the end')
  expect(await told).toBe(0)
})

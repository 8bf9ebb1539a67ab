import { expect, test } from '#e2e/support/fixtures.ts'
import { msOf, takesLessThan } from '#e2e/support/stopwatch.ts'

const SHOWN_AT_MOST_MS = 6_000

test('somebody who types is seen typing, and no longer once their tab is gone', async ({ ann, bob }) => {
  const typing = bob.page.getByTestId('typing')
  let times = 0
  await takesLessThan(SHOWN_AT_MOST_MS + 500, async () => {
    await ann.composer.pressSequentially('about to s')
    await expect(typing).toContainText('typing')
    await expect(ann.page.getByTestId('typing')).toHaveCount(0)
    // gone without a word: the line carries nothing any more, not even the end
    ann.line.freeze()
    const took = await msOf(expect(typing).toHaveCount(0))
    ann.line.pass()
    await ann.writes(`back ${++times}`)
    await bob.sees(`back ${times}`)
    return took
  })
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

import { expect, test } from '#e2e/support/fixtures.ts'
import { msOf, takesLessThan } from '#e2e/support/stopwatch.ts'

test('the inspector shows state, transport and last contact, and the loss of the line within a second', async ({ ann }) => {
  await ann.opens('/chat/lobby?debug=1')
  const fact = (name: string) => ann.page.locator(`[data-testid="debug-panel"] [data-fact="${name}"] dd`)
  await ann.connectionIs('live')
  await expect(fact('state')).toHaveText('live')
  await expect(fact('connected')).toHaveText('yes')
  await expect(fact('transport')).toHaveText('websocket')
  await expect(fact('last heard')).toHaveText(/^\d+ s ago$/)
  await expect(fact('rooms')).toContainText(`user:${await ann.userId()}`)
  const before = await fact('connection id').textContent()

  await takesLessThan(1_000, async () => {
    ann.line.pass()
    await expect(fact('state')).toHaveText('live')
    ann.line.refuse()
    return msOf(Promise.all([expect(fact('state')).toHaveText('reconnecting'), expect(fact('connected')).toHaveText('no')]))
  })
  await expect(fact('last reason')).toContainText('transport')
  await expect(fact('attempts')).toHaveText('3')
  await expect(fact('next retry')).toHaveText(/^in \d+ s$/)

  await ann.retriesNowThat(() => ann.line.pass())
  await expect(fact('state')).toHaveText('live')
  await expect(fact('connection id')).not.toHaveText(before ?? '')
  await expect(fact('reconnection')).toHaveText(/^yes, \d+ so far$/)
})

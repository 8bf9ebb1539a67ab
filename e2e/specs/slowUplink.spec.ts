import { expect, test } from '#e2e/support/fixtures.ts'
import { BODY_MAX_BYTES, BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'

/** 20 kbit/s. */
const BYTES_PER_SECOND = 2_500

test('32 kB of words get through a very slow uplink, and nobody hangs up for the wait', async ({ ann, bob }) => {
  ann.line.bandwidth(BYTES_PER_SECOND, 'up')
  const texts = Array.from({ length: BODY_MAX_BYTES / 4_000 }, (_, i) => `${i} `.padEnd(BODY_MAX_GRAPHEMES, 'x'))
  const before = { ...ann.line.counters }
  for (const text of texts) {
    await ann.composer.fill(text)
    await ann.composer.press('Enter')
  }
  const last = ann.page.getByTestId('message').last()
  // the first of them may go alone, and the others wait for its answer
  await expect(last).toHaveAttribute('data-status', 'sending')
  await expect(last).toHaveAttribute('data-status', /sent|delivered|read/)
  await bob.seesInOrder(texts)
  expect(ann.line.counters.bytesUp - before.bytesUp).toBeGreaterThan(BODY_MAX_BYTES * 0.9)
  await ann.connectionIs('live')
  expect(ann.line.counters.accepted, 'no redial').toBe(before.accepted)
})

test('the heaviest message there is gets through a very slow uplink, though it has few letters, and nobody hangs up for the wait', async ({
  ann,
  bob,
}) => {
  const flags = '🇳🇱'.repeat(BODY_MAX_GRAPHEMES)
  ann.line.bandwidth(BYTES_PER_SECOND, 'up')
  const { accepted } = ann.line.counters
  await ann.composer.fill(flags)
  await ann.composer.press('Enter')
  await expect(ann.page.getByTestId('message')).toHaveAttribute('data-status', /sent|delivered|read/)
  await expect(bob.page.getByTestId('message-text')).toHaveText(flags)
  expect(ann.line.counters.accepted, 'no redial').toBe(accepted)
})

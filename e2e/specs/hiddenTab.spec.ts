import { expect, test } from '#e2e/support/fixtures.ts'
import { turns } from '#e2e/support/turns.ts'
import { msOf, takesLessThan } from '#e2e/support/stopwatch.ts'

test('a tab in the background misses nothing, counts it as unread and reads none of it', async ({ ann, bob }) => {
  await turns(ann.page, 'hidden')
  await bob.writes('one')
  await bob.writes('two')
  await ann.sees('two')
  await expect(ann.conversationLink('Lobby')).toHaveAttribute('data-unread', '2')
  await turns(ann.page, 'visible')
  await expect(ann.conversationLink('Lobby')).not.toHaveAttribute('data-unread')
})

test('a tab shown again after its line died silently is current within four seconds', async ({ ann, bob }) => {
  let times = 0
  await takesLessThan(4_000, async () => {
    const text = `said while away ${++times}`
    await turns(ann.page, 'hidden')
    // as after a change of network: the old connection carries nothing more, new ones work
    ann.line.strand()
    await bob.writes(text)
    await bob.sees(text, 'sent')
    await ann.doesNotSee(text)
    await turns(ann.page, 'visible')
    const took = await msOf(ann.sees(text))
    await ann.connectionIs('live')
    return took
  })
})

test('a tab shown again whose line is known to be dead is current within two seconds', async ({ ann, bob }) => {
  let times = 0
  await takesLessThan(2_000, async () => {
    const text = `said while away ${++times}`
    await turns(ann.page, 'hidden')
    ann.line.refuse()
    await ann.connectionIs('reconnecting')
    await bob.writes(text)
    await bob.sees(text, 'sent')
    ann.line.pass()
    await turns(ann.page, 'visible')
    const took = await msOf(ann.sees(text))
    await ann.connectionIs('live')
    return took
  })
})

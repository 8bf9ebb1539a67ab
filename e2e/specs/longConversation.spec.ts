import { createHash, randomUUID } from 'node:crypto'
import type { ClientId, ConversationId, DeviceId, TabId } from '#protocol/ids.ts'
import { BATCH_MAX } from '#protocol/limits.ts'
import type { Core, Identity } from '#server/domain/core.ts'
import { createGroup } from '#server/domain/conversations.ts'
import { postMessages } from '#server/domain/postMessages.ts'
import { createGuest } from '#server/domain/sessions.ts'
import { newId, sha256 } from '#server/edge/chance.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

const LONG = 100_000
const SHORT = 100
const LOOKS = 5

/** Two conversations of Ann's, written by the server's own rules while it is down. */
async function writesBoth(dataDir: string): Promise<{ long: ConversationId; short: ConversationId }> {
  const store = await openSqliteStore({ dir: dataDir, newId })
  const core: Core = { store, publish: () => {}, now: () => Date.now(), newId, sha256 }
  const device = randomUUID() as DeviceId
  const { user, session } = await createGuest(core, { name: 'Scribe', device, tokenHash: createHash('sha256').update(device).digest('hex') })
  const scribe: Identity = {
    user: user.id,
    tenant: user.tenant,
    session: session.id,
    device,
    tab: randomUUID() as TabId,
    permissions: ['message:send', 'group:create', 'invite:create'],
  }
  const ann = (await store.read((tx) => tx.userByLogin(user.tenant, 'ann')))!
  const group = async (name: string, count: number): Promise<ConversationId> => {
    const { id: conv } = await createGroup(core, scribe, { name, members: [ann.id] })
    for (let from = 0; from < count; from += BATCH_MAX) {
      const messages = Array.from({ length: Math.min(BATCH_MAX, count - from) }, (_, n) => ({
        clientId: newId() as ClientId,
        body: `message ${from + n + 1}`.padEnd(20 + ((from + n) % 4) * 60, ' of a long conversation'),
        sentAt: Date.now(),
      }))
      await postMessages(core, scribe, { conv, messages })
    }
    return conv
  }
  const convs = { long: await group('Long', LONG), short: await group('Short', SHORT) }
  await store.close()
  return convs
}

/** From the press on its name to its newest message on screen; in a page that was just loaded. */
async function opens(person: Person, conv: ConversationId, newest: number): Promise<{ ms: number; rows: number }> {
  await person.opens('/chat/lobby')
  await person.connectionIs('live')
  const link = person.page.locator(`[data-conversation-id="${conv}"]`)
  await expect(link).toBeVisible()
  return link.evaluate(async (element, seq) => {
    const from = performance.now()
    ;(element as HTMLElement).click()
    while (!document.querySelector(`[role="log"] [data-seq="${seq}"]`)) await new Promise((resolve) => requestAnimationFrame(resolve))
    return { ms: performance.now() - from, rows: document.querySelectorAll('[data-testid="message"]').length }
  }, newest)
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

test('a conversation of 100,000 messages opens as one of a hundred does, shows its end, and is read to any place', async ({ newPerson, server }) => {
  const ann = await newPerson('Ann')
  await ann.registers({ login: 'ann', password: 'a long word for the door' })
  await server.stop()
  const { long, short } = await writesBoth(server.dataDir)
  await server.start()
  await ann.connectionIs('live')

  const took = { long: [] as number[], short: [] as number[] }
  for (let look = 0; look < LOOKS; look++) {
    for (const [name, conv, newest] of [
      ['short', short, SHORT],
      ['long', long, LONG],
    ] as const) {
      const { ms, rows } = await opens(ann, conv, newest)
      took[name].push(ms)
      expect(rows, `rows of the ${name} one in the document`).toBeLessThanOrEqual(60)
    }
  }
  const [longMs, shortMs] = [median(took.long), median(took.short)]
  test.info().annotations.push({
    type: 'opening',
    description: `100 messages: ${shortMs.toFixed(0)} ms, 100,000 messages: ${longMs.toFixed(0)} ms, ${(longMs / shortMs).toFixed(2)} times`,
  })

  // up a good way, and to the very first by a search
  await ann.list.hover()
  for (let page = 0; page < 10; page++) {
    const before = await ann.page.getByTestId('message').first().getAttribute('data-seq')
    await ann.page.mouse.wheel(0, -20_000)
    await expect(ann.page.getByTestId('message').first()).not.toHaveAttribute('data-seq', before!)
    expect(await ann.page.getByTestId('message').count()).toBeLessThanOrEqual(200)
  }
  await ann.opens(`/search?q=${encodeURIComponent('message 1 of')}&in=${long}`)
  await ann.page.getByTestId('search-hit').last().click()
  await expect(ann.page.locator('[data-seq="1"]')).toBeFocused()
})

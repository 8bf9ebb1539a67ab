import { expect, it, vi } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { subscribe } from '#server/domain/pushes.ts'
import { postMessages } from '#server/domain/postMessages.ts'
import { openTestCore } from '#server/testing/testCore.ts'
import { makeLog } from '#server/observe/log.ts'
import { openPusher } from './pusher.ts'
import { TIMING } from './timing.ts'
import type { PushOutcome } from './webPush.ts'

async function crowd(size: number) {
  const core = await openTestCore()
  const writer = await core.person('Writer')
  for (let n = 0; n < size; n++) {
    const who = await core.person(`Reader ${n}`)
    await subscribe(core, who, { endpoint: `https://push.example.org/${n}`, keys: { p256dh: 'p', auth: 'a' } })
  }
  const timers: (() => void)[] = []
  const lines: string[] = []
  const sent: string[] = []
  let [underWay, most] = [0, 0]
  let answer: () => PushOutcome | Promise<PushOutcome> = () => 'taken'
  const pusher = openPusher(
    { core, timing: TIMING, after: (_, run) => (timers.push(run), () => {}), log: makeLog('warn', (line) => void lines.push(line)) },
    {
      send: async ({ endpoint }) => {
        most = Math.max(most, ++underWay)
        await new Promise((resolve) => setImmediate(resolve))
        underWay--
        sent.push(endpoint)
        return answer()
      },
    },
    { isConnected: () => false },
  )
  const writes = async () => {
    core.notices.length = 0
    await postMessages(core, writer, { conv: LOBBY, messages: [core.draft('hello')] })
    for (const notice of core.notices) pusher.heard(notice)
  }
  const passes = () => {
    for (const run of timers.splice(0)) run()
  }
  return { core, pusher, writes, passes, timers, lines, sent, most: () => most, answers: (next: typeof answer) => void (answer = next) }
}

it('a message to a crowd is pushed to all of it, a few at a time', async () => {
  const { writes, passes, sent, most } = await crowd(70)
  await writes()
  await writes()
  passes()
  await vi.waitFor(() => expect(sent).toHaveLength(70))
  expect(new Set(sent).size).toBe(70)
  expect(most()).toBeGreaterThan(1)
  expect(most()).toBeLessThanOrEqual(20)
})

it('what a service does not take is tried again, and given up in the end; a push that can not be made harms no other', async () => {
  const { writes, passes, timers, sent, answers, lines } = await crowd(2)
  answers(() => 'later')
  await writes()
  for (let attempt = 1; attempt <= TIMING.PUSH_ATTEMPTS; attempt++) {
    passes()
    await vi.waitFor(() => expect(sent).toHaveLength(2 * attempt))
  }
  await vi.waitFor(() => expect(lines).toHaveLength(2))
  expect(timers).toEqual([])
  expect(lines[0]).toContain('push_given_up')

  let first = true
  answers(() => {
    if (!first) return 'taken'
    first = false
    throw new Error('out of the blue')
  })
  await writes()
  passes()
  await vi.waitFor(() => expect(sent).toHaveLength(2 * TIMING.PUSH_ATTEMPTS + 2))
  await vi.waitFor(() => expect(lines.at(-1)).toContain('out of the blue'))
})

import { afterEach, beforeEach, expect, it } from 'vitest'
import { historyRequested, readThrough } from '#client/live/facts.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectUnreadTotal } from '#client/store/selectors/conversations.ts'
import { selectTimeline } from '#client/store/selectors/messages.ts'
import { LOBBY } from '#protocol/ids.ts'
import { BATCH_MAX, PULL_RESET_BEYOND, RESET_MESSAGES } from '#protocol/limits.ts'
import { draft, join, type Caller } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { openBrowser, until, type Tab } from '#testing/browser.ts'

let server: TestServer
let tab: Tab | undefined
beforeEach(async () => {
  server = await startServer({ env: { ORIGINS: location.origin, LIMIT_MESSAGES: '100000/100000' } })
})
afterEach(async () => {
  tab?.close()
  await server.stop()
})

const MISSED = PULL_RESET_BEYOND + 50

async function say(caller: Caller, from: number, to: number) {
  for (let first = from; first <= to; first += BATCH_MAX) {
    const messages = Array.from({ length: Math.min(BATCH_MAX, to - first + 1) }, (_, at) => draft(`word ${first + at}`))
    await caller.get('message:send', { conv: LOBBY, messages })
  }
}

/** The stretches that are shown, as `first–last`. */
function stretches(of: Tab): string[] {
  const seqs = selectTimeline(of.store.getState(), LOBBY).messages.map(({ seq }) => seq)
  const found: { from: number; to: number }[] = []
  for (const seq of seqs) {
    const last = found.at(-1)
    if (last?.to === seq - 1) last.to = seq
    else found.push({ from: seq, to: seq })
  }
  return found.map(({ from, to }) => `${from}–${to}`)
}

it('shows the newest of very many missed messages at once behind a mark, counts all of them, and fills the rest in on request', async () => {
  const ann = openBrowser(server).tab()
  tab = ann
  await ann.start('Ann')
  ann.look()
  await until(ann, () => selectConnectionName(ann.store.getState()) === 'live', 'live')
  const bob = await join(server, 'Bob')
  await say(bob, 1, 3)
  await until(ann, () => stretches(ann)[0] === '1–3', 'three messages')
  ann.store.dispatch(readThrough({ conv: LOBBY, seq: 3 }))

  ann.close()
  await say(bob, 4, 3 + MISSED)
  ann.reopen()
  const unread = () => selectUnreadTotal(ann.store.getState())
  await until(ann, () => unread() === MISSED, 'all of them unread')
  const newestFrom = 3 + MISSED - RESET_MESSAGES + 1
  await until(ann, () => stretches(ann).length === 2, 'the newest page')
  expect(stretches(ann)).toEqual(['1–3', `${newestFrom}–${3 + MISSED}`])

  // as by scrolling up to the mark
  let beforeSeq = newestFrom
  while (stretches(ann).length > 1) {
    ann.store.dispatch(historyRequested({ conv: LOBBY, beforeSeq }))
    const reached = beforeSeq
    await until(ann, () => !stretches(ann).some((stretch) => stretch.startsWith(`${reached}–`)), `what is before ${reached}`)
    beforeSeq = Number(stretches(ann).at(-1)!.split('–')[0])
    expect(unread()).toBe(MISSED)
  }
  const bodies = selectTimeline(ann.store.getState(), LOBBY).messages.map(({ body }) => body)
  expect(bodies).toEqual(Array.from({ length: 3 + MISSED }, (_, at) => `word ${at + 1}`))
  bob.hangUp()
})

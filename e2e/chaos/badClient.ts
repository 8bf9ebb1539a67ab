import { dial, type Wire } from '#e2e/bench/wire.ts'
import type { Chance } from './chance.ts'
import { overHttp } from './finalReads.ts'
import type { History, ReadRow } from './history.ts'
import { uuidv7 } from './ids.ts'
import { eventually, pause, type ClientsPlan, type FromClients } from './plan.ts'
import { openProfile } from './world.ts'

/*
 * A client as it is often written, to show that the run and its checker find what is wrong with it: it sends again under a fresh id when
 * no answer came, and after a reconnect it takes up from what comes live.
 */

const ANSWER_WITHIN_MS = 400
const DIAL_WITHIN_MS = 1_500
const REDIAL_MS = 150

type Pushed = { conv: string; events: { kind: string; message?: { seq: number; clientId: string; sender: string; body: string } }[] }

async function openBadClient(url: string, index: number, history: History) {
  const profile = openProfile(url)
  const deviceId = uuidv7()
  profile.local.setItem('tidemark:device', deviceId)
  const { user } = (await profile.ask('POST', '/api/session/guest', { deviceId, name: `Bad ${index}` })) as { user: { id: string } }
  const who = user.id
  const tab = `${index}.0.1`
  const held = new Map<string, ReadRow[]>()
  const unsent: { conv: string; id: string; body: string }[] = []
  let wire: Wire | undefined
  let hangUp = () => {}
  let isSending = false
  let isOver = false
  let n = 0

  function heard(text: string): void {
    if (!text.startsWith('["log:events"')) return
    const [, { conv, events }] = JSON.parse(text) as [string, Pushed]
    const rows = held.get(conv) ?? []
    for (const { message } of events) if (message) rows.push([message.seq, message.clientId, message.sender, message.body])
    held.set(conv, rows)
  }

  async function connect(): Promise<void> {
    while (!isOver) {
      const lost = new Promise<void>((resume) => {
        hangUp = () => {
          wire?.close()
          resume()
        }
        void pause(DIAL_WITHIN_MS).then(() => wire ?? resume())
        void (async () => {
          const token = await profile.token()
          const auth = { proto: [1, 1], token, deviceId, tabId: deviceId, gen: 1, build: 'bad' }
          wire = await dial({ port: Number(new URL(url).port), auth, onPush: heard, onLost: resume })
          wire.ask('hello', { epoch: null, urev: 0, convs: {} }, () => void flush())
        })().catch(() => resume())
      })
      await lost
      hangUp = () => {}
      wire = undefined
      await pause(REDIAL_MS)
    }
  }

  async function flush(): Promise<void> {
    if (isSending) return
    isSending = true
    for (let message = unsent[0]; message && wire; message = unsent[0]) {
      const sent = message
      const id = uuidv7()
      const over = wire
      const answer = await new Promise<{ ok: boolean; results?: { ok: boolean; seq: number }[] } | undefined>((resume) => {
        void pause(ANSWER_WITHIN_MS).then(() => resume(undefined))
        history.add({ kind: 'sending', who, tab, conv: sent.conv, ids: [sent.id] })
        over.ask('message:send', { conv: sent.conv, messages: [{ clientId: id, body: sent.body, sentAt: Date.now() }] }, (reply) =>
          resume(reply as { ok: boolean; results?: { ok: boolean; seq: number }[] }),
        )
      })
      if (answer?.ok !== true) {
        if (answer === undefined) hangUp()
        await pause(REDIAL_MS)
        continue
      }
      unsent.shift()
      history.add({ kind: 'acked', who, tab, conv: sent.conv, id: sent.id, seq: answer.results?.[0]?.seq ?? 0 })
    }
    isSending = false
  }

  void connect()
  await eventually(() => wire !== undefined, 5_000)
  return {
    who,
    index,
    profile,
    unsent,
    isConnected: () => wire !== undefined,
    write: (conv: string, body: string): void => {
      const id = uuidv7()
      history.add({ kind: 'written', who, tab, conv, id, n: ++n, body })
      history.add({ kind: 'kept', who, tab, conv, id })
      unsent.push({ conv, id, body })
      void flush()
    },
    held: (conv: string) => held.get(conv) ?? [],
    show: (conv: string): void => {
      const rows = (held.get(conv) ?? []).map(([seq, id, sender]): [number, string, string | null] => [seq, id, sender === who ? 'sent' : null])
      history.add({ kind: 'view', who, tab, conv, rows, own: [], marks: {}, final: true })
    },
    flush,
    close: () => {
      isOver = true
      wire?.close()
    },
  }
}

export async function playBadly(parts: {
  plan: ClientsPlan
  chance: Chance
  history: History
  say: (what: FromClients) => void
  told: Promise<void>
}): Promise<void> {
  const { plan, chance, history, say, told } = parts
  const people = await Promise.all(plan.urls.map((url, index) => openBadClient(url, index, history)))
  for (const { who, index } of people) history.add({ kind: 'person', who, client: index })
  history.add({ kind: 'conversation', conv: 'lobby', members: people.map(({ who }) => who) })
  await eventually(() => people.every((person) => person.isConnected()), 10_000)
  say({ name: 'ready' })

  const startedAt = performance.now()
  for (let written = 0; written < plan.messages;) {
    const due = ((performance.now() - startedAt) / plan.writingMs) * plan.messages
    for (; written < due && written < plan.messages; written++) {
      const person = chance.pick(people)
      person.write('lobby', `${plan.seed}-${person.index}-${written} badly kept`)
    }
    await pause(25)
  }
  say({ name: 'written' })
  await told
  history.add({ kind: 'healed' })
  const healedAt = performance.now()
  await eventually(
    () =>
      people.every((person) => {
        if (person.isConnected()) void person.flush()
        return person.isConnected() && person.unsent.length === 0
      }),
    plan.settleWithinMs,
  )
  for (const { who, unsent } of people)
    if (unsent.length > 0) history.add({ kind: 'unsettled', who, tab: 'bad', says: 'the outbox is not empty', ids: unsent.map(({ id }) => id) })
  history.add({ kind: 'settled', afterMs: Math.round(performance.now() - healedAt) })
  for (const person of people) person.show('lobby')
  const [reader] = people
  history.add({ kind: 'read', source: 'live', who: reader!.who, conv: 'lobby', messages: reader!.held('lobby') })
  history.add({ kind: 'read', source: 'http', who: reader!.who, conv: 'lobby', messages: await overHttp(reader!.profile, 'lobby') })
  for (const person of people) person.close()
}

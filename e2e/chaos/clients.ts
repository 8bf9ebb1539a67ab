import { monitorEventLoopDelay } from 'node:perf_hooks'
import { loadProduct } from './buildProduct.ts'
import { playBadly } from './badClient.ts'
import { chanceFrom } from './chance.ts'
import { openHistory } from './history.ts'
import { openPerson, type Person } from './person.ts'
import { eventually, pause, type ClientsPlan, type FromClients, type ToClients } from './plan.ts'
import { finalReads } from './finalReads.ts'
import { openCounters } from './tabEars.ts'
import { openTalk } from './talk.ts'
import { becomeBrowser, dialled } from './world.ts'

/*
 * The process of the clients: everybody's browser. Its clock and event loop are its own, so that a busy proxy delays nobody's timers.
 */

/** The waiting times of the product, shortened about as much as the faults are. */
const SOONER = {
  DIAL_MS: 1_500,
  CONNECT_MS: 2_000,
  HELLO_MS: 2_000,
  REFRESH_MS: 2_500,
  HTTP_MS: 2_500,
  REQUEST_MS: 2_500,
  PROBE_MS: 700,
  OVERDUE_MS: 250,
  PING_OVERDUE_MS: 2_200,
  SILENCE_MS: 4_000,
  TICK_MS: 300,
  STALL_MS: 2_000,
  BACKOFF_FIRST_MS: 60,
  BACKOFF_CAP_MS: 500,
  BACKOFF_SLOW_CAP_MS: 700,
  STEADY_AFTER_MS: 1_000,
  UPGRADE_FIRST_MS: 1_500,
  UPGRADE_CAP_MS: 4_000,
  TOKEN_MARGIN_MS: 4_000,
  HEADS_VISIBLE_MS: 4_000,
  MARK_EVERY_MS: 300,
  LEADER_BEAT_MS: 300,
  LEADER_LOST_MS: 900,
}

const plan = JSON.parse(process.argv[2] ?? '') as ClientsPlan
const chance = chanceFrom(plan.seed, 'people')
const history = openHistory(plan.history)
const counters = openCounters()
/** How late this process was at worst: a machine that is too busy for it proves nothing about the product. */
const lateness = monitorEventLoopDelay({ resolution: 20 })
lateness.enable()
const say = (what: FromClients) => process.send?.(what)
const told = new Promise<void>((resume) => process.on('message', (what: ToClients) => what.name === 'heal' && resume()))
process.on('disconnect', () => process.exit(1))

if (plan.client === 'bad') await playBadly({ plan, chance, history, say, told })
else await play()
counters.saw('ms late at most', Math.round(lateness.max / 1e6))
for (const [state, times] of counters.all()) history.add({ kind: 'seen', state, times })
history.close()
process.exit(0)

async function play(): Promise<void> {
  becomeBrowser(chanceFrom(plan.seed, 'product').unit)
  const product = await loadProduct(plan.product)
  const timing = { ...product.timing, ...SOONER }
  const trouble = { isOn: false, chance: chanceFrom(plan.seed, 'storage'), counters }
  const people = plan.urls.map((url, index) => openPerson({ product, history, counters, timing, trouble, url, index, tabs: index % 2 === 0 ? 2 : 1 }))
  await Promise.all(people.map((person) => person.openAll()))
  const conversations = await gather(people)
  const talk = openTalk({ plan, chance, people, conversations, counters, history })
  for (const person of people) {
    for (const tab of person.tabs()) {
      for (const { conv, members } of conversations) {
        if (members.includes(person.index) && !(await eventually(() => tab.isMember(conv), 10_000)))
          throw new Error(`${tab.name} was not added to ${conv}`)
      }
    }
  }
  if (dialled.webSockets === 0) throw new Error('The client does not use the WebSocket of the page: this is not the build a browser gets.')
  trustStorage()
  say({ name: 'ready' })

  trouble.isOn = true
  await talk.run()
  say({ name: 'written' })
  await told
  trouble.isOn = false
  await talk.comeHome()
  history.add({ kind: 'healed' })
  counters.saw(
    'token renewed',
    people.reduce((sum, { profile }) => sum + profile.renewals(), 0),
  )
  await finalReads({ plan, people, conversations, product, timing, history, counters })
  trustStorage()
}

/** A client without a storage goes on in memory, and shows much less than a run is for. */
function trustStorage(): void {
  if (counters.all().has('storage missing')) throw new Error('The client does not find the IndexedDB of the page.')
}

/** Everybody is in the lobby; most are in a group; two and two have a direct conversation. */
async function gather(people: Person[]): Promise<{ conv: string; members: number[] }[]> {
  const { ask } = people[0]!.profile
  for (const person of people) history.add({ kind: 'person', who: person.whoami(), client: person.index })
  const inGroup = people.slice(0, Math.max(2, Math.ceil(people.length * 0.6)))
  const idOf = (answer: unknown): string => (answer as { conversation: { id: string } }).conversation.id
  const token = await people[0]!.profile.token()
  const group = idOf(await ask('POST', '/api/conversations', { name: 'Chaos', members: inGroup.slice(1).map((person) => person.whoami()) }, token))
  const conversations = [
    { conv: 'lobby', members: people.map((person) => person.index) },
    { conv: group, members: inGroup.map((person) => person.index) },
  ]
  for (let at = 0; at + 1 < people.length; at += 2) {
    const [one, other] = [people[at]!, people[at + 1]!]
    const conv = idOf(await one.profile.ask('POST', '/api/conversations/direct', { user: other.whoami() }, await one.profile.token()))
    // Some are strangers to each other: of what they write before the other agrees only so much is taken.
    await other.profile.ask('POST', `/api/conversations/${conv}/accept`, {}, await other.profile.token())
    conversations.push({ conv, members: [one.index, other.index] })
  }
  for (const { conv, members } of conversations) history.add({ kind: 'conversation', conv, members: members.map((index) => people[index]!.whoami()) })
  await pause(0)
  return conversations
}

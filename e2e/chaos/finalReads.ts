import type { History, ReadRow } from './history.ts'
import { openTab, type Person, type Tab } from './person.ts'
import { eventually, type ClientsPlan } from './plan.ts'
import type { Product } from './product.ts'
import type { Counters } from './tabEars.ts'
import type { Conversation } from './talk.ts'
import { newArea, openProfile, type Profile } from './world.ts'

type Parts = {
  plan: ClientsPlan
  people: Person[]
  conversations: Conversation[]
  product: Product
  timing: Record<string, number>
  history: History
  counters: Counters
}

const PAGE = 200
/** What a screen holds at least when it has just been opened. */
const FIRST_SCREEN = 20
const READ_WITHIN_MS = 20_000

/** Waits until all is settled, says what is not, and reads everything in every way a client can. */
export async function finalReads({ plan, people, conversations, product, timing, history, counters }: Parts): Promise<void> {
  const startedAt = performance.now()
  const heads = new Map<string, number>()
  for (const { conv, members } of conversations) {
    const reader = people[members[0]!]!
    // whatever was to be stored is stored once nobody has anything unsent; until then the head still moves
    await eventually(() => people.every((person) => person.tabs().every(isSettled)), plan.settleWithinMs - (performance.now() - startedAt))
    const messages = await overHttp(reader.profile, conv)
    history.add({ kind: 'read', source: 'http', who: reader.whoami(), conv, messages })
    heads.set(conv, messages.at(-1)?.[0] ?? 0)
  }
  const mine = (tab: Tab) => conversations.filter(({ conv }) => tab.isMember(conv)).map(({ conv }) => conv)
  const tabs = people.flatMap((person) => person.tabs())
  const leftMs = () => Math.max(2_000, plan.settleWithinMs - (performance.now() - startedAt))
  await eventually(() => tabs.every(isSettled), leftMs())
  const unread = new Map(tabs.map((tab) => [tab, mine(tab)]))
  const wanted = (tab: Tab) => unread.get(tab)![0]
  while (tabs.some(wanted)) {
    const looking = tabs.filter(wanted)
    for (const tab of looking) tab.look(wanted(tab)!)
    await eventually(() => looking.every((tab) => showsEnd(tab, wanted(tab)!, heads.get(wanted(tab)!)!)), leftMs())
    for (const tab of looking) {
      tab.show(wanted(tab)!, true)
      unread.get(tab)!.shift()
    }
  }
  for (const tab of tabs) {
    const who = tab.whoami()
    if (tab.connection() !== 'live') history.add({ kind: 'unsettled', who, tab: tab.name, says: `the connection is ${tab.connection()}`, ids: [] })
    const ids = tab.unsent().map((row) => row.clientId)
    if (ids.length > 0) history.add({ kind: 'unsettled', who, tab: tab.name, says: 'the outbox is not empty', ids })
  }
  history.add({ kind: 'settled', afterMs: Math.round(performance.now() - startedAt) })

  const cold = new Map<Person, Tab>()
  for (const { conv, members } of conversations) {
    const person = people[members[0]!]!
    const live = person.tabs()[0]
    if (live) history.add({ kind: 'read', source: 'live', who: person.whoami(), conv, messages: await allOf(live, conv) })
    let tab = cold.get(person)
    if (!tab) {
      const profile = openProfile(person.profile.url, person.profile)
      tab = openTab({ product, profile, history, counters, timing, name: `${person.index}.cold`, session: newArea() })
      cold.set(person, tab)
      await tab.start('nobody')
    }
    await eventually(() => tab.isMember(conv) && tab.connection() === 'live', READ_WITHIN_MS)
    history.add({ kind: 'read', source: 'cold', who: person.whoami(), conv, messages: await allOf(tab, conv) })
  }
  for (const tab of [...cold.values(), ...tabs]) tab.close()
}

/** The newest messages, and as many as a first screen holds. */
function showsEnd(tab: Tab, conv: string, head: number): boolean {
  const held = tab.held(conv)
  return head === 0 || (held.at(-1)?.[0] === head && held.length >= Math.min(head, FIRST_SCREEN))
}

const isSettled = (tab: Tab): boolean => tab.connection() === 'live' && tab.unsent().length === 0

/** Scrolls up to the start. */
async function allOf(tab: Tab, conv: string): Promise<ReadRow[]> {
  tab.look(conv)
  await eventually(() => tab.held(conv).length > 0, 5_000)
  for (let first = Infinity; ;) {
    const before = first
    first = tab.held(conv)[0]?.[0] ?? 0
    // no further: the start, or a page that did not come
    if (first <= 1 || first >= before) return tab.held(conv)
    tab.older(conv)
    await eventually(() => (tab.held(conv)[0]?.[0] ?? 0) < first, 5_000)
  }
}

export async function overHttp(profile: Pick<Profile, 'ask' | 'token'>, conv: string): Promise<ReadRow[]> {
  const token = await profile.token()
  const rows: ReadRow[] = []
  for (let before: number | undefined; ;) {
    const query = `limit=${PAGE}${before === undefined ? '' : `&beforeSeq=${before}`}`
    const page = (await profile.ask('GET', `/api/conversations/${conv}/messages?${query}`, undefined, token)) as {
      messages: { seq: number; clientId: string; sender: string; body: string }[]
      start: boolean
    }
    rows.unshift(...page.messages.map(({ seq, clientId, sender, body }): ReadRow => [seq, clientId, sender, body]))
    before = page.messages[0]?.seq
    if (page.start || before === undefined) return rows
  }
}

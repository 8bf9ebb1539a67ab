import { FIRST_SCREEN } from './checkViews.ts'
import { messageState, type History, type ReadRow } from './history.ts'
import type { Person } from './person.ts'
import { eventually, type ClientsPlan } from './plan.ts'
import type { Product } from './product.ts'
import { openTab, type Tab } from './tab.ts'
import type { Counters } from './tabEars.ts'
import type { Conversation } from './talk.ts'
import { Area, openProfile, type Profile } from './world.ts'

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
const READ_WITHIN_MS = 20_000
const PAGE_WITHIN_MS = 10_000
const PAGE_TRIES = 5
const ASK_AGAIN_MS = 300

/** Waits until all is settled, says what is not, and reads everything in every way a client can. */
export async function finalReads({ plan, people, conversations, product, timing, history, counters }: Parts): Promise<void> {
  const startedAt = performance.now()
  const heads = new Map<string, number>()
  for (const { conv, members } of conversations) {
    const reader = people[members[0]!]!
    // whatever was to be stored is stored once nobody has anything unsent; until then the head still moves
    await eventually(() => areSettled(people), plan.settleWithinMs - (performance.now() - startedAt))
    heads.set(conv, (await insistently(async () => pageOverHttp(reader.profile, await reader.profile.token(), conv, 1))).messages[0]?.seq ?? 0)
  }
  const mine = (tab: Tab) => conversations.filter(({ conv }) => tab.isMember(conv)).map(({ conv }) => conv)
  const tabs = people.flatMap((person) => person.tabs())
  const leftMs = () => Math.max(2_000, plan.settleWithinMs - (performance.now() - startedAt))
  if (!(await eventually(() => areSettled(people), leftMs()))) {
    for (const tab of tabs.filter((one) => !isSettled(one))) {
      const ids = tab.unsent().map((row) => row.clientId)
      history.add({ kind: 'unsettled', who: tab.whoami(), tab: tab.name, says: `not at rest in time, ${tab.connection()}`, ids })
    }
  }
  const unread = new Map(tabs.map((tab) => [tab, mine(tab)]))
  const wanted = (tab: Tab) => unread.get(tab)![0]
  const scroll = openScroll()
  while (tabs.some(wanted)) {
    const looking = tabs.filter(wanted)
    for (const tab of looking) tab.look(wanted(tab)!)
    await eventually(() => {
      const behind = looking.filter((tab) => !showsEnd(tab, wanted(tab)!, heads.get(wanted(tab)!)!))
      for (const tab of behind) scroll(tab, wanted(tab)!)
      return behind.length === 0
    }, leftMs())
    for (const tab of looking) {
      tab.show(wanted(tab)!, true)
      unread.get(tab)!.shift()
    }
  }
  // reading takes its time, and a line may need another dial in it
  await eventually(() => areSettled(people), leftMs())
  for (const person of people) {
    const [tab] = person.tabs()
    const ids = await person.profile.unsent(person.whoami())
    if (tab && ids.length > 0)
      history.add({ kind: 'unsettled', who: tab.whoami(), tab: tab.name, says: 'the storage still keeps what is to be sent', ids })
  }
  for (const tab of tabs) {
    const who = tab.whoami()
    if (tab.connection() !== 'live') history.add({ kind: 'unsettled', who, tab: tab.name, says: `the connection is ${tab.connection()}`, ids: [] })
    const ids = tab.unsent().map((row) => row.clientId)
    if (ids.length > 0) history.add({ kind: 'unsettled', who, tab: tab.name, says: 'the outbox is not empty', ids })
    if (!(await tab.isKept())) history.add({ kind: 'unsettled', who, tab: tab.name, says: 'something is in this page alone', ids: [] })
  }
  history.add({ kind: 'settled', afterMs: Math.round(performance.now() - startedAt) })

  const cold = new Map<Person, Tab>()
  for (const { conv, members } of conversations) {
    const person = people[members[0]!]!
    const who = person.whoami()
    const open = members.flatMap((index) => people[index]!.tabs()).filter((tab) => tab.isMember(conv))
    await Promise.all(
      open.map(async (tab) =>
        history.add({ kind: 'read', source: 'live', who: tab.whoami(), tab: tab.name, conv, ...(await allOf(tab, conv, counters)) }),
      ),
    )
    let tab = cold.get(person)
    if (!tab) {
      const profile = openProfile(person.profile.url, person.profile)
      tab = openTab({ product, profile, history, counters, timing, name: `${person.index}.cold`, session: new Area() })
      cold.set(person, tab)
      await tab.start('nobody')
    }
    await eventually(() => tab.isMember(conv) && tab.connection() === 'live', READ_WITHIN_MS)
    history.add({ kind: 'read', source: 'cold', who, conv, ...(await allOf(tab, conv, counters)) })
    history.add({ kind: 'read', source: 'http', who, conv, messages: await insistently(() => overHttp(person.profile, conv)) })
  }
  for (const tab of [...cold.values(), ...tabs]) tab.end('leave')
}

/** A machine that has much to do is no finding: asked again until it answers or is later than anything else may be. */
async function insistently<T>(ask: () => Promise<T>): Promise<T> {
  let answer: { value: T } | undefined
  let why: unknown
  const attempt = async () => {
    answer = await ask().then(
      (value) => ({ value }),
      (error: unknown) => void (why = error),
    )
    return answer !== undefined
  }
  await eventually(attempt, READ_WITHIN_MS)
  if (!answer) throw why
  return answer.value
}

/** Whoever scrolls to a marker has what is missing there fetched; what does not come is asked for again. */
function openScroll(): (tab: Tab, conv: string) => void {
  const askedAt = new Map<Tab, number>()
  return (tab, conv) => {
    const now = performance.now()
    if (now - (askedAt.get(tab) ?? -Infinity) < ASK_AGAIN_MS) return
    askedAt.set(tab, now)
    tab.fillHole(conv)
  }
}

/** The newest messages, as many as a first screen holds, and nothing missing between them. */
function showsEnd(tab: Tab, conv: string, head: number): boolean {
  const held = tab.held(conv)
  return head === 0 || (held.at(-1)?.[0] === head && held.length >= Math.min(head, FIRST_SCREEN) && !tab.hasHole(conv))
}

const isSettled = (tab: Tab): boolean => tab.connection() === 'live' && tab.unsent().length === 0

/** Everybody is live, and nothing waits: on no screen, in no page, in no storage. */
async function areSettled(people: readonly Person[]): Promise<boolean> {
  for (const person of people) {
    if (!person.tabs().every(isSettled)) return false
    if ((await person.profile.unsent(person.whoami())).length > 0) return false
    for (const tab of person.tabs()) if (!(await tab.isKept())) return false
  }
  return true
}

/**
 * Scrolls up to the start, and to each hole. A page that the screen says is not available is asked for again; one that neither comes nor is
 * called so is missing.
 */
async function allOf(tab: Tab, conv: string, counters: Counters): Promise<{ messages: ReadRow[]; partial?: true }> {
  tab.look(conv)
  await eventually(() => tab.held(conv).length > 0, 5_000)
  for (let tries = 0; tries < PAGE_TRIES;) {
    const { length, [0]: first } = tab.held(conv)
    const reachesStart = (first?.[0] ?? 0) <= 1
    if (reachesStart && !tab.hasHole(conv)) return { messages: tab.held(conv) }
    const hasCome = () => tab.held(conv).length > length
    if (reachesStart) tab.fillHole(conv)
    else tab.older(conv)
    await eventually(() => hasCome() || tab.isUnavailable(conv), PAGE_WITHIN_MS)
    if (hasCome()) tries = 0
    else if (tab.isUnavailable(conv)) {
      tries++
      counters.saw('page asked for again')
      // On a busy machine a line may drop under the reading: it is dialled again, and until then no page comes.
      await eventually(() => tab.connection() === 'live', PAGE_WITHIN_MS)
    } else break
  }
  return { messages: tab.held(conv), partial: true }
}

type Read = { seq: number; clientId: string; sender: string; body: string } & Parameters<typeof messageState>[0]
type Page = { messages: Read[]; start: boolean }

const pageOverHttp = (profile: Pick<Profile, 'ask'>, token: string, conv: string, limit: number, before?: number): Promise<Page> =>
  profile.ask(
    'GET',
    `/api/conversations/${conv}/messages?limit=${limit}${before === undefined ? '' : `&beforeSeq=${before}`}`,
    undefined,
    token,
  ) as Promise<Page>

export async function overHttp(profile: Pick<Profile, 'ask' | 'token'>, conv: string): Promise<ReadRow[]> {
  const rows: ReadRow[] = []
  for (let before: number | undefined; ;) {
    // all pages together may take longer than one token lasts
    const { messages, start } = await pageOverHttp(profile, await profile.token(), conv, PAGE, before)
    rows.unshift(...messages.map((message): ReadRow => [message.seq, message.clientId, message.sender, message.body, messageState(message)]))
    before = messages[0]?.seq
    if (start || before === undefined) return rows
  }
}

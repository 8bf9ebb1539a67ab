import { uuidv7 } from './ids.ts'
import type { Chance } from './chance.ts'
import type { History } from './history.ts'
import type { Person } from './person.ts'
import { isRateLimited, pause, type ClientsPlan } from './plan.ts'
import type { Tab, Target, Way } from './tab.ts'
import type { Counters } from './tabEars.ts'

export type Conversation = { conv: string; members: number[] }

type Parts = { plan: ClientsPlan; chance: Chance; people: Person[]; conversations: Conversation[]; counters: Counters; history: History }

const STEP_MS = 25
/** Unsent messages after which a person waits. */
const PATIENCE = 60
/** Chance of each, per step. */
const WANDERS = 0.012
const LOOKS = 0.02
const READS = 0.04
const SCROLLS_UP = 0.01
const CHANGES = 0.3
/** Chance of each, per message. */
const POISON = 0.002
const CANCELLED = 0.01
const CLOSED_AFTER_WRITING = 0.009
const CHANGED_AT_ONCE = 0.03
/** Chance that a page that goes away is killed; and that a person stays when it asks. */
const KILLED = 0.3
const STAYS = 0.4
const SHOWN_EVERY_MS = 1_200
/** One person is away for this part of the time, and comes back to more than a page. */
const AWAY = { from: 0.15, to: 0.75 }
/** The last of the group is removed from it then. */
const REMOVED_AT = 0.6

/** What people do: write, look around, open and close tabs, all thrown from the seed. */
export function openTalk({ plan, chance, people, conversations, counters, history }: Parts) {
  let written = 0
  let changed = 0
  const poisonous = new Set<string>()
  let isRunning = true
  const pending = new Set<Promise<unknown>>()
  const traveller = people.length > 3 ? people[3]! : undefined
  let isAway = false
  const group = conversations[1]!
  const removed = people[group.members.at(-1)!]!
  let isRemoved = false

  const later = (ms: number, run: () => unknown): void => {
    const done = pause(ms).then(run)
    pending.add(done)
    void done.finally(() => pending.delete(done))
  }
  /** Lobby, group, direct: in turns of chance. */
  function whereTo(person: Person): string {
    const own = conversations.filter(({ members }) => members.includes(person.index))
    const at = chance.unit()
    return (at < 0.45 ? own[0]! : at < 0.75 ? (own[1] ?? own[0]!) : own.at(-1)!).conv
  }

  function writeSome(): void {
    const person = chance.pick(people)
    const tab = chance.pick(person.tabs().length > 0 ? person.tabs() : [undefined])
    const conv = whereTo(person)
    const burst = Math.min(chance.between(1, 5), plan.messages - written)
    // nobody goes on writing when nothing goes out
    if (!tab || !tab.isMember(conv) || tab.unsent().length > PATIENCE) return
    for (let i = 0; i < burst; i++) {
      const poison = chance.happens(POISON)
      const id = uuidv7()
      const body = `${plan.seed}-${person.index}-${++written} ${poison ? 'x'.repeat(40_000) : WORDS.slice(0, chance.between(0, WORDS.length))}`
      tab.write(conv, { id, body, poison })
      if (poison) poisonous.add(id)
      else if (chance.happens(CHANGED_AT_ONCE)) change(tab, conv, { id, sender: tab.whoami(), isMine: true, reacted: [] })
      if (chance.happens(CANCELLED)) {
        counters.saw('cancelled')
        later(chance.between(0, 30), () => tab.discard(conv, id))
      }
    }
    if (chance.happens(CLOSED_AFTER_WRITING * burst) && person !== traveller) {
      // a page is told that it is to go in a task of its own
      later(0, () => {
        const place = Array.from({ length: person.places() }, (_, at) => at).find((at) => person.tab(at) === tab)
        if (place === undefined || !goes(person, place)) return
        counters.saw('closed after writing')
        later(chance.between(0, 900), () => isRunning && person.open(place))
      })
    }
  }

  /** Does the person go, or stay because the page asked? */
  function goes(person: Person, place: number): boolean {
    const way: Way = chance.happens(KILLED) ? 'kill' : chance.happens(STAYS) ? 'close' : 'leave'
    const isGone = person.close(place, way)
    if (way === 'kill') counters.saw('tab killed')
    else if (!isGone) counters.saw('stayed when it asked')
    return isGone
  }

  /** Edits, deletes or reacts to a message once, or to its own several times in a row. */
  function change(tab: Tab, conv: string, target: Target): void {
    const { isMine, reacted } = target
    for (let times = chance.happens(0.2) ? chance.between(2, 3) : 1; times > 0; times--) {
      const what = chance.unit()
      if (isMine && what < 0.5) {
        counters.saw('edited')
        tab.change(conv, target, 'edit', { body: `${plan.seed}-edit-${++changed} ${WORDS.slice(0, chance.between(0, WORDS.length))}` })
      } else if (isMine && what < 0.65) {
        counters.saw('deleted')
        return tab.change(conv, target, 'delete', {})
      } else {
        const emoji = chance.pick(EMOJI)
        const isThere = reacted.includes(emoji)
        counters.saw(isThere ? 'reaction taken back' : 'reacted')
        return tab.change(conv, target, isThere ? 'unreact' : 'react', { emoji })
      }
    }
  }
  function changeSome(): void {
    const person = chance.pick(people)
    const conv = whereTo(person)
    const tab = chance.pick(person.tabs().length > 0 ? person.tabs() : [undefined])
    const targets = tab?.isMember(conv) ? tab.targets(conv).filter(({ id }) => !poisonous.has(id)) : []
    const own = targets.filter(({ isMine }) => isMine)
    if (tab && targets.length > 0) change(tab, conv, chance.pick(own.length > 0 && chance.happens(0.7) ? own : targets))
  }

  /** A tab is closed, and opened again after a while: as it was, or as a new one. */
  function wander(): void {
    const person = chance.pick(people)
    if (person === traveller) return
    const place = chance.between(0, person.places() - 1)
    if (!person.tab(place) || !goes(person, place)) return
    const afresh = chance.happens(0.5)
    counters.saw(afresh ? 'tab closed' : 'tab reloaded')
    later(afresh ? chance.between(0, 900) : 0, () => isRunning && person.open(place, afresh))
  }

  const anyTab = (): Tab | undefined => {
    const tabs = chance.pick(people).tabs()
    return tabs.length > 0 ? chance.pick(tabs) : undefined
  }
  function lookAround(): void {
    const person = chance.pick(people)
    const conv = whereTo(person)
    for (const tab of person.tabs()) if (tab.isMember(conv)) return tab.look(conv)
  }

  function travel(progress: number): void {
    const wants = progress > AWAY.from && progress < AWAY.to
    if (!traveller || wants === isAway) return
    isAway = wants
    for (let place = 0; place < traveller.places(); place++) {
      if (wants) traveller.close(place, 'leave')
      else void traveller.open(place)
    }
    counters.saw(wants ? 'gone away' : 'back after long')
  }

  function removeLast(): void {
    if (isRemoved || group.members.length < 4) return
    isRemoved = true
    const { profile } = people[0]!
    history.add({ kind: 'removing', who: removed.whoami(), conv: group.conv })
    const attempt = async (): Promise<void> => {
      try {
        await profile.ask('DELETE', `/api/conversations/${group.conv}/members/${removed.whoami()}`, undefined, await profile.token())
        counters.saw('removed from the group')
      } catch (error) {
        // an answer that was lost leaves nothing to do
        if (/ 404 | 403 /.test(String(error))) return
        await pause(200)
        if (isRunning) await attempt()
      }
    }
    later(0, attempt)
  }

  function show(): void {
    for (const person of people) for (const tab of person.tabs()) if (tab.opened() !== undefined) tab.show(tab.opened()!)
  }

  return {
    /** Until everything is written. */
    run: async (): Promise<void> => {
      const startedAt = performance.now()
      let shownAt = 0
      while (written < plan.messages) {
        const spent = performance.now() - startedAt
        const due = Math.min(1, spent / plan.writingMs) * plan.messages
        if (chance.happens(WANDERS)) wander()
        travel(written / plan.messages)
        for (let tries = 0; written < due && tries < 50; tries++) writeSome()
        // faster than allowed for a moment, so that the limit is met
        if (isRateLimited(plan) && chance.happens(0.004)) for (let i = 0; i < 30 && written < plan.messages; i++) writeSome()
        if (chance.happens(LOOKS)) lookAround()
        if (chance.happens(CHANGES)) changeSome()
        if (chance.happens(READS)) {
          const tab = anyTab()
          if (tab?.opened() !== undefined) tab.read(tab.opened()!)
        }
        if (chance.happens(SCROLLS_UP)) {
          const tab = anyTab()
          if (tab?.opened() !== undefined) tab.older(tab.opened()!)
        }
        if (written > plan.messages * REMOVED_AT) removeLast()
        if (performance.now() - shownAt > SHOWN_EVERY_MS) {
          shownAt = performance.now()
          show()
        }
        await pause(STEP_MS)
      }
    },
    /** Everybody opens all their tabs again. */
    comeHome: async (): Promise<void> => {
      isRunning = false
      await Promise.all(pending)
      await Promise.all(people.map((person) => person.openAll()))
    },
  }
}

const EMOJI = ['👍', '🌊', '❤️']
const WORDS = 'the tide comes in and goes out, and what it brought is still there when it has gone'

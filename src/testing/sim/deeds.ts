import type { OutboxRow } from '#client/live/facts.ts'
import {
  conversationOpened,
  discardRequested,
  messageWritten,
  operationRequested,
  operationWithdrawn,
  readThrough,
  retryRequested,
  unsentEdited,
} from '#client/live/facts.ts'
import type { ClientId, ConversationId, OperationId, UserId } from '#protocol/ids.ts'
import type { Core } from '#server/domain/core.ts'
import { addMembers } from '#server/domain/conversations.ts'
import { removeMember } from '#server/domain/leaving.ts'
import { userOf, type Browser, type Tab } from './browsers.ts'
import type { Asked, Records, Written } from './record.ts'
import { UNSENDABLE } from './refusals.ts'
import { FAULTS, type Deed, type Fault, type Scenario, type Step } from './scenario.ts'
import { POISON } from './servers.ts'
import type { World } from './world.ts'

const TABS_MAX = 3
/** A discard is in the storage by then. */
const DISCARDED_MS = 3_000
/** How long deletions are held back, and how much of that must be left for it to be certain that one is undone in time. */
const HELD_MS = 6_000
const IN_TIME_MS = 2_000
const FAULTY: ReadonlySet<string> = new Set(FAULTS)

/** Does the steps of a scenario. What a fault takes away it gives back by itself, later, or when the world is healed. */
export function openDeeds(world: World, record: Records, { setup }: Scenario) {
  const { clock, servers, people, journal } = world
  const heal: (() => void)[] = []
  const asleep: (() => void)[] = []
  const { stallMs = 0 } = setup.browsers
  let texts = 0
  let isPoisoned = false
  let isRestored = false
  const purgedTo = new Map<ConversationId, number>()

  const browsers = () => people.flatMap((person) => person.browsers)
  const tabs = () => browsers().flatMap((browser) => [...browser.tabs].map((tab) => ({ browser, tab })))
  const choose = <T>(list: readonly T[], pick: number): T | undefined => list[Math.floor(pick * list.length)]
  /** Nobody does anything in a page that does not react. */
  const someTab = (step: Step) =>
    choose(
      tabs().filter(({ tab }) => tab.pulse.isAwake()),
      step.pick,
    )
  const someBrowser = (step: Step) => choose(browsers(), step.pick)!
  const someWire = (step: Step) => {
    const open = browsers().flatMap((browser) => [...browser.wires].filter((wire) => wire.isOpen()))
    return choose(open, step.pick)
  }
  const unsent = (tab: Tab): OutboxRow[] => world.conversations.flatMap((conv) => tab.state().outbox.byConv[conv] ?? [])
  /** Of them what stands in a list of messages. */
  const listed = (tab: Tab) => unsent(tab).filter((row) => !row.again)
  const look = (tab: Tab, pick: number) => tab.dispatch(conversationOpened({ conv: choose(world.conversations, pick)! }))

  /** Undone after `ms`, or when the world is healed. */
  function forAWhile(ms: number, undo: () => void): void {
    let isDone = false
    const once = () => {
      if (isDone) return
      isDone = true
      undo()
    }
    clock.after(ms, once)
    heal.push(once)
  }

  function open(browser: Browser, pick: number, more: { isPrivate?: boolean } = {}): void | false {
    if (browser.tabs.size >= TABS_MAX) return false
    look(browser.openTab(more), pick)
  }

  function end({ browser, tab }: { browser: Browser; tab: Tab }, how: 'close' | 'crash', pick: number): void | false {
    // The page asks before it goes away with words that only it has; a crash does not ask.
    if (how === 'close' && tab.holdsUnsaved()) return false
    const isUncertain = tab.holdsUnsaved()
    tab.end(how)
    record.letGo(browser, clock.now() - DISCARDED_MS)
    journal.reach(how === 'crash' ? 'tab crashed' : 'tab closed')
    if (how === 'crash') record.tabCrashed(tab, { isUncertain, now: clock.now() })
    else record.tabClosed(tab)
    if (browser.tabs.size === 0) open(browser, pick)
  }

  function write({ browser, tab }: { browser: Browser; tab: Tab }, pick: number, mark = ''): void {
    const open = tab.state().messages.open
    const conv = pick < 0.8 && open ? open : choose(world.conversations, (pick * 7.3) % 1)!
    if (tab.state().conversations.left[conv] || !tab.state().conversations.byId[conv]) return
    const clientId = world.newId() as ClientId
    const body = `${mark}text ${texts++}`
    record.wrote(clientId, conv, body, browser, tab, clock.now())
    tab.dispatch(messageWritten({ conv, clientId, body, sentAt: browser.now() }))
  }

  type Target = { conv: ConversationId; clientId: ClientId; sender: UserId; /** never sent yet */ isWaiting: boolean; isUnsent: boolean }

  const shownMessages = (tab: Tab): Target[] =>
    world.conversations.flatMap((conv) =>
      (tab.state().messages.byConv[conv]?.messages ?? []).map(({ clientId, sender }) => ({
        conv,
        clientId,
        sender,
        isWaiting: false,
        isUnsent: false,
      })),
    )

  /** Also those that are still on their way; not those that were refused. */
  function ownMessages(tab: Tab): Target[] {
    const me = userOf(tab)
    const rows = listed(tab).filter((row) => row.state.name !== 'refused')
    return [
      ...shownMessages(tab).filter(({ sender }) => sender === me),
      ...rows.map(({ conv, clientId, state: { name } }) => ({
        conv,
        clientId,
        sender: me,
        isWaiting: name === 'queued' || name === 'saving',
        isUnsent: true,
      })),
    ]
  }

  let lastChanged: ClientId | undefined
  /** Several changes to one message are more likely to get in each other's way; and so are changes to what is on its way. */
  function chooseChanged(targets: Target[], { pick, more }: Step): Target | undefined {
    const again = targets.find(({ clientId }) => clientId === lastChanged)
    const fresh = targets.filter(({ isUnsent }) => isUnsent)
    return (pick < 0.4 && again) || choose(pick < 0.8 && fresh.length > 0 ? fresh : targets, more)
  }

  const hasLeft = (tab: Tab, conv: ConversationId) => tab.state().conversations.left[conv] !== undefined

  function change({ browser, tab }: { browser: Browser; tab: Tab }, target: Target, what: Asked, notBefore?: number): void {
    const { conv, clientId, sender } = target
    if (hasLeft(tab, conv)) return
    lastChanged = clientId
    const opId = world.newId() as OperationId
    if (target.isUnsent) journal.reach('change behind its message')
    record.asked({ opId, conv, author: browser.me.id, browser, tab, clientId, sender, what, isUnsent: target.isUnsent, at: clock.now(), notBefore })
    tab.dispatch(operationRequested({ conv, operation: { ...what, opId, target: { clientId, sender } }, notBefore }))
  }

  /** What the owner of the group does over HTTP, at a node that is up. */
  function manage(act: (core: Core) => Promise<unknown>): void {
    const core = servers.core()
    if (core) act(core).catch(() => journal.reach('management failed'))
  }

  /** What the browsers could offer again of their own. */
  function noteCaches(): void {
    for (const browser of browsers()) {
      for (const conv of world.conversations) {
        void browser
          .kept()
          .own(browser.me.id, conv, 0)
          .then((own) => own.forEach(({ clientId, deletedAt }) => deletedAt === undefined && record.cached(clientId, browser)))
      }
    }
  }

  /** It counts when it happens, which is with the next commit. */
  const expects = (fate: Parameters<typeof servers.expect>[0]) => (): false => {
    servers.expect(fate)
    return false
  }

  /** Each does what it is called, or returns false where there was nothing to do it to, or it is only to come. */
  const ACTS: Record<Deed | Fault, (step: Step) => void | false> = {
    write: (step) => {
      const at = someTab(step)
      if (!at) return false
      for (let i = 0; i < 1 + step.more * 3; i++) write(at, (step.more * 13.7) % 1)
    },
    'edit unsent': (step) => {
      const at = someTab(step)
      const row = at && choose(listed(at.tab), step.more)
      const message = row && record.written.get(row.clientId)
      if (!at || !message || (row.state.name !== 'queued' && row.state.name !== 'saving')) return false
      const body = `instead ${texts++}`
      record.reworded(message, at.tab, body, true)
      journal.reach('unsent edited')
      at.tab.dispatch(unsentEdited({ conv: row.conv, clientId: row.clientId, body }))
    },
    discard: (step) => {
      const at = someTab(step)
      const row = at && choose(listed(at.tab), step.more)
      const message = row && record.written.get(row.clientId)
      if (!at || !message || (row.state.name !== 'queued' && row.state.name !== 'refused')) return false
      // What was refused may have been stored before, by an attempt whose answer was lost.
      const isSure = record.isItsAlone(message) && row.state.name === 'queued' && message.discarded === 'no'
      message.discarded = isSure ? 'surely' : 'perhaps'
      message.discardedIn = at.tab
      message.discardedAt = clock.now()
      journal.reach('discarded')
      at.tab.dispatch(discardRequested({ conv: row.conv, clientId: row.clientId }))
    },
    edit: (step) => {
      const at = someTab(step)
      const own = at && chooseChanged(ownMessages(at.tab), step)
      if (!own || hasLeft(at.tab, own.conv)) return false
      const body = `edited ${texts++}`
      const message = record.written.get(own.clientId)
      if (message) record.reworded(message, at.tab, body, own.isWaiting)
      change(at, own, { kind: 'edit', body })
    },
    delete: (step) => {
      const at = someTab(step)
      const own = at && chooseChanged(ownMessages(at.tab), step)
      if (!own || hasLeft(at.tab, own.conv)) return false
      const message = record.written.get(own.clientId)
      // It may never have gone out; if it did, it must be a deleted one.
      if (message && own.isUnsent) Object.assign(message, { discarded: 'perhaps', discardedAt: clock.now(), discardedIn: at.tab })
      change(at, own, { kind: 'delete' }, setup.holdsDeletions && at.browser.now() + HELD_MS)
    },
    'undo deletion': (step) => {
      const at = someTab(step)
      const waiting = at && world.conversations.flatMap((conv) => at.tab.state().changes.byConv[conv] ?? [])
      const held = waiting?.flatMap(({ operation: { opId } }) => record.changes.get(opId) ?? []).filter((one) => one.notBefore !== undefined)
      const one = held && choose(held, step.more)
      if (!at || !one) return false
      const isSure = one.notBefore! - at.browser.now() > IN_TIME_MS && stallMs === 0 && one.withdrawn === 'no'
      record.withdrawn(one, { isSure, now: clock.now() })
      at.tab.dispatch(operationWithdrawn({ conv: one.conv, opId: one.opId }))
    },
    react: (step) => {
      const at = someTab(step)
      if (!at) return false
      const target = chooseChanged([...ownMessages(at.tab), ...shownMessages(at.tab)], step)
      if (target) change(at, target, { kind: (step.more * 7.7) % 1 < 0.3 ? 'unreact' : 'react', emoji: choose(['👍', '🎉'], (step.more * 3.3) % 1)! })
    },
    retry: (step) => {
      const at = someTab(step)
      const row =
        at &&
        choose(
          unsent(at.tab).filter((held) => held.state.name === 'refused'),
          step.more,
        )
      if (!at || !row) return false
      journal.reach('retried')
      at.tab.dispatch(retryRequested({ conv: row.conv, clientId: row.clientId }))
    },
    'open tab': (step) => open(someBrowser(step), step.more),
    'close tab': (step) => {
      const at = someTab(step)
      return at ? end(at, 'close', step.more) : false
    },
    'look elsewhere': (step) => {
      const at = someTab(step)
      if (!at) return false
      look(at.tab, step.more)
      const { open } = at.tab.state().messages
      const entry = open && at.tab.state().conversations.byId[open]
      if (entry) at.tab.dispatch(readThrough({ conv: open, seq: Math.max(entry.facts.read, entry.head.seq - Math.floor(step.pick * 3)) }))
    },

    cut: (step) => {
      const wire = someWire(step)
      if (!wire) return false
      wire.cut()
    },
    'freeze line': (step) => {
      const wire = someWire(step)
      if (!wire) return false
      wire.freeze(step.more < 0.3 ? 'up' : 'both')
      // Some lines come back with all that was held up in them; some never do.
      if (step.more > 0.5) forAWhile(step.more * 12_000, wire.thaw)
    },
    'freeze answers': (step) => {
      const wire = someWire(step)
      if (!wire) return false
      wire.freeze('down')
      forAWhile(step.more * 6_000, step.more < 0.5 ? wire.cut : wire.thaw)
    },
    offline: (step) => {
      const browser = someBrowser(step)
      browser.network(false, false)
      forAWhile(step.more * 15_000, () => browser.network(true, true))
    },
    'false offline': (step) => {
      const browser = someBrowser(step)
      browser.network(true, false)
      forAWhile(step.more * 5_000, () => browser.network(true, true))
    },
    'crash tab': (step) => {
      const at = someTab(step)
      if (!at) return false
      // What was discarded in it this very moment may come back, and what its storage has refused to take out until now.
      const isOpen = ({ discardedAt }: Written) => at.tab.holdsUnsaved() || discardedAt >= clock.now() - DISCARDED_MS - stallMs
      for (const message of record.written.values())
        if (message.discarded === 'surely' && message.discardedIn === at.tab && isOpen(message)) {
          journal.reach('crash after a discard')
          message.discarded = 'perhaps'
        }
      return end(at, 'crash', step.more)
    },
    'freeze tab': (step) => {
      const at = someTab(step)
      if (!at) return false
      at.tab.pulse.freeze()
      const wake = () => {
        at.tab.hear('wake')
        at.tab.pulse.wake()
      }
      // Some are left in the background for ever, as far as the others can tell.
      if (step.more < 0.6) forAWhile(step.more * 30_000, wake)
      else asleep.push(wake)
    },
    'hide tab': (step) => {
      const at = someTab(step)
      if (!at) return false
      at.tab.hide(step.more < 0.7 ? 1_000 : 60_000)
      forAWhile(step.more * 40_000, () => at.tab.hide(0))
    },
    'kill node': (step) => choose(servers.nodes, step.pick)?.kill(Math.round(step.more * 5_000)),
    'kill before-commit': expects({ kind: 'crash', at: 'before-commit' }),
    'kill after-commit': expects({ kind: 'crash', at: 'after-commit' }),
    'kill after-publish': expects({ kind: 'crash', at: 'after-publish' }),
    'commit in doubt': expects({ kind: 'in-doubt' }),
    'server error': expects({ kind: 'error' }),
    'drain node': (step) => choose(servers.nodes, step.pick)?.drain(),
    'bus down': (step) => {
      servers.setBusDown(true)
      forAWhile(step.more * 10_000, () => servers.setBusDown(false))
    },
    'server disk full': (step) => {
      servers.setFull(true)
      forAWhile(step.more * 5_000, () => servers.setFull(false))
    },
    'browser disk full': (step) => {
      const browser = someBrowser(step)
      browser.setFull(true)
      forAWhile(step.more * 8_000, () => browser.setFull(false))
    },
    wipe: (step) => {
      const browser = someBrowser(step)
      browser.wipe()
      record.wiped(browser)
      record.letGo(browser, 0)
      // Whoever writes next finds out, and the others hear of it; a tab with a memory of its own can't.
      if (![...browser.tabs].some((tab) => !tab.isPrivate && tab.pulse.isAwake())) open(browser, step.more)
      const tab = [...browser.tabs].find((held) => !held.isPrivate && held.pulse.isAwake())
      if (tab) write({ browser, tab }, step.more)
    },
    'private tab': (step) => open(someBrowser(step), step.more, { isPrivate: true }),
    'refuse websockets': (step) => {
      const browser = someBrowser(step)
      browser.block('refused')
      forAWhile(step.more * 20_000, () => browser.block('no'))
    },
    'swallow websockets': (step) => {
      const browser = someBrowser(step)
      browser.block('swallowed')
      forAWhile(step.more * 30_000, () => browser.block('no'))
    },
    // Seconds as a time server sets it, hours as a time zone that is wrong, days as an empty battery.
    'set clock': (step) => {
      const farthest = step.more < 0.4 ? 20_000 : step.more < 0.7 ? 3 * 3_600_000 : 4 * 86_400_000
      const browser = someBrowser(step)
      browser.setClock(Math.round(farthest * (((step.more * 101) % 2) - 1)))
      record.letGo(browser, 0)
    },
    // One is enough: to find it among others takes the outbox minutes.
    poison: (step) => {
      const at = someTab(step)
      if (!at || isPoisoned) return false
      write(at, step.more, POISON)
      isPoisoned = true
    },
    unsendable: (step) => {
      const at = someTab(step)
      if (!at) return false
      write(at, step.more, UNSENDABLE)
    },
    'remove member': (step) => {
      const [, conv] = world.conversations
      const [owner, ...others] = people
      const who = choose(others, step.pick)
      if (!conv || !owner || !who) return false
      const user = who.me.id
      record.absences.left(user, conv, clock.now())
      manage((core) => removeMember(core, owner.identity, { conv, user }))
      const add = async (core: Core) => {
        await addMembers(core, owner.identity, { conv, users: [user] })
        record.absences.returned(user, conv, clock.now())
      }
      if (step.more < 0.8) forAWhile(step.more * 8_000, () => manage(add))
    },
    purge: (step) => {
      const conv = choose(world.conversations, step.pick)!
      manage((core) =>
        core.store.transact(async (tx) => {
          const seq = (await tx.conversation(conv))?.seq ?? 0
          if (seq <= 2) return
          const last = Math.floor(seq * step.more)
          for (const { clientId } of await tx.messages(conv, { after: 0, before: last + 1, limit: 100_000, from: 'start' })) record.purged(clientId)
          await tx.purge(conv, last)
          purgedTo.set(conv, Math.max(purgedTo.get(conv) ?? 0, last))
          journal.reachFault('purge')
        }),
      )
      return false
    },
    // Once: who restores again before everybody came back after the first time loses what was offered in between.
    'back up and restore': (step) => {
      if (isRestored) return false
      isRestored = true
      servers.database.backUp()
      record.absences.backedUp()
      forAWhile(step.more * 6_000, () => {
        const isKnown = step.pick < 0.5
        noteCaches()
        if (!servers.restore(isKnown)) return
        journal.reach(isKnown ? 'restored under a new epoch' : 'restored under the old epoch')
        record.pastChanged(clock.now())
      })
    },
  }

  return {
    act: (step: Step) => {
      const isFault = FAULTY.has(step.kind)
      if (isFault && tabs().some(({ tab }) => unsent(tab).some((row) => row.state.name === 'sending')))
        journal.reach('fault while something was under way')
      journal.note(`${clock.now()} ${step.kind}`)
      if (ACTS[step.kind](step) === false) return
      if (isFault) journal.reachFault(step.kind)
      else journal.reach(step.kind)
    },
    begin: () => {
      for (const browser of browsers()) for (let n = 0; n < setup.tabsEach; n++) open(browser, n / 3)
    },
    /** Everything works again. Every browser has a tab that sees what the storage holds. */
    heal: () => {
      for (const undo of heal) undo()
      servers.forgetAccidents()
      for (const browser of browsers()) {
        browser.heal()
        for (const wire of browser.wires) wire.thaw()
        if (![...browser.tabs].some((tab) => !tab.isPrivate && tab.pulse.isAwake())) look(browser.openTab(), 0)
      }
    },
    /** Pages that nobody looked at come back. Returns whether there were any. */
    wakeAll: () => {
      for (const wake of asleep) wake()
      return asleep.length > 0
    },
    unsent,
    tabs,
    look,
    /** Of what was said up to here nothing may be left. */
    purgedTo: (conv: ConversationId) => purgedTo.get(conv) ?? 0,
  }
}
export type Deeds = ReturnType<typeof openDeeds>

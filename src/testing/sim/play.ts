import { conversationOpened, historyRequested, oldUnsentAllowed, oldUnsentCounted, retryRequested } from '#client/live/facts.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { userOf, type Tab } from './browsers.ts'
import { checkChanges } from './changes.ts'
import { checkKept, checkLog, checkMembership, checkMessages, checkPaging, unfinished } from './checks.ts'
import { openDeeds, type Deeds } from './deeds.ts'
import { openJournal, type Violation } from './journal.ts'
import { openMonitor } from './monitor.ts'
import { openRecord, type Records, type Written } from './record.ts'
import type { Scenario } from './scenario.ts'
import { readTruth, type Truth } from './truth.ts'
import { unloadedBelow, viewFault } from './views.ts'
import { openWorld, type World } from './world.ts'

export type Outcome = {
  seed: number
  violations: readonly Violation[]
  messages: number
  reached: ReadonlyMap<string, number>
  /** Of everything that happened, in its order: two runs with the same hash were the same. */
  hash: string
  lines: readonly string[]
}

/** After everything works again, all is well within this time. Redials wait up to 45 s, and a request in doubt 8 s more. */
const CONVERGED_MS = 180_000
/** A message that makes the server fail is found by halving batches, five failures each. */
const CONVERGED_WITH_POISON_MS = 500_000
/** How long nothing may be missing before all counts as done. */
const CALM_MS = 5_000
/** What is in the log reaches whoever is live within this time: long before heads are compared. */
const SEEN_MS = 12_000
/** How long tabs may take to be live. */
const LIVE_MS = 60_000

/** Plays a scenario to its end, heals the world, and says what was wrong at any time. */
export async function play(scenario: Scenario, { keepsLines = false } = {}): Promise<Outcome> {
  const journal = openJournal({ keepsLines })
  const record = openRecord(journal)
  const world: World = await openWorld(scenario.seed, scenario.setup, journal, {
    heard: (tab, fact) => {
      record.heard(tab, fact, world.clock.now())
      // Asked about what was written long ago by its clock, the person says yes.
      if (oldUnsentCounted.match(fact) && fact.payload.count > 0)
        world.clock.after(
          1_000,
          tab.pulse.gate(() => tab.dispatch(oldUnsentAllowed())),
        )
    },
    pushed: (tab, name, body) => record.arrived(userOf(tab), name, body),
  })
  const { clock } = world
  const deeds = openDeeds(world, record, scenario)
  const monitor = openMonitor(world, record, deeds)
  const removes = scenario.steps.some((step) => step.kind === 'remove member')
  const isRemovedSometimes = (conv: ConversationId) => removes && conv === world.conversations[1]

  deeds.begin()
  await clock.advance(1_500)
  for (const step of scenario.steps) {
    await clock.advance(step.afterMs)
    monitor.look(isRemovedSometimes)
    deeds.act(step)
  }
  await clock.advance(50)
  deeds.heal()
  const hasPoison = scenario.steps.some((step) => step.kind === 'poison')
  // What is offered again after a restore shows on no screen before it is in the log.
  if (record.isPastChanged()) await clock.advance(60_000)
  const convergeAll = () =>
    converge(world, record, deeds, hasPoison ? CONVERGED_WITH_POISON_MS : CONVERGED_MS, () => monitor.look(isRemovedSometimes))
  await convergeAll()
  if (deeds.wakeAll()) await convergeAll()

  // Where a storage failed, a conversation was dropped or its past purged, what was acknowledged may have been in nobody's cache, and is lost with the server's.
  const since = record.restoredAt()
  const isCached = ({ cachedIn }: Written) => [...cachedIn].some((browser) => !browser.hadTroubleSince(since))
  const isUnsure = ({ browser, conv, wasPurged, at }: Written) =>
    wasPurged || browser.hadTroubleSince(at) || browser.hadGivenUp(at) || browser.hasBeenPrivate() || isRemovedSometimes(conv)
  record.excuse((message) => isUnsure(message) && (message.wasPurged || isRemovedSometimes(message.conv) || !isCached(message)))
  const truth = await readTruth(world)
  for (const one of truth.values()) await checkLog(world, one)
  await checkMessages(world, record, monitor, truth)
  checkChanges(world, record, truth)
  checkMembership(world, record, truth)
  await checkPaging(world, truth)
  await clock.advance(5_000)
  // What stalled for seconds holds up what follows.
  const isBusy = () => world.people.some(({ browsers }) => browsers.some((browser) => !browser.isIdle()))
  for (let waited = 0; isBusy() && waited < 60_000; waited += 100) await clock.advance(100)
  await checkKept(world, record, truth)
  await checkColdRead(world, record)

  const all = [...deeds.tabs()]
  for (const { tab } of all) tab.end('close')
  await clock.advance(3_000)
  for (const { tab } of all) {
    if (tab.timers() > 0) journal.violate('I14', `${tab.name} left ${tab.timers()} timers behind`)
    if ([...tab.wires].some((wire) => wire.isOpen())) journal.violate('I14', `${tab.name} left a connection behind`)
  }
  world.servers.close()
  return {
    seed: scenario.seed,
    violations: journal.violations,
    messages: record.written.size,
    reached: journal.reached,
    hash: journal.hash(),
    lines: journal.lines,
  }
}

/** Waits until everything that was written is where it belongs and everybody sees it; says what is missing when that takes too long. */
async function converge(world: World, record: Records, deeds: Deeds, withinMs: number, monitor: () => void): Promise<void> {
  const { clock, journal } = world
  const healedAt = clock.now()
  const awake = () => deeds.tabs().filter(({ tab }) => tab.pulse.isAwake())
  /** A look at everything costs much, so a cheap one comes first. */
  /** A deletion that can still be undone, which a tab with a memory of its own keeps nowhere else. */
  const holdsBack = (tab: Tab) =>
    Object.values(tab.state().changes.byConv).some((changes) => changes.some((change) => change.name === 'waiting' && change.notBefore !== undefined))
  const isBusy = (tab: Tab) =>
    tab.state().connection.line.name !== 'live' || deeds.unsent(tab).some((row) => row.state.name !== 'refused') || holdsBack(tab)
  const pending = async (): Promise<Fault[]> => {
    if (awake().some(({ tab }) => isBusy(tab))) return [{ invariant: 'I9' as const, what: 'something is under way' }]
    return look()
  }
  const look = async () => {
    const faults: Fault[] = []
    const truth = await readTruth(world)
    for (const browser of world.people.flatMap((person) => person.browsers)) {
      const kept = await browser.kept().outbox()
      for (const { kind, opId } of unfinished(kept)) faults.push({ invariant: 'I9', what: `${kind} ${opId} waits` })
      for (const { body, state } of kept.rows) if (state.name !== 'refused') faults.push({ invariant: 'I9', what: `"${body}" waits in a storage` })
    }
    for (const { browser, tab } of awake()) {
      const state = tab.state()
      if (state.connection.line.name !== 'live') faults.push({ invariant: 'I15', what: `${tab.name} is ${state.connection.line.name}` })
      for (const row of deeds.unsent(tab)) {
        if (row.state.name !== 'refused') faults.push({ invariant: 'I9', what: `${row.body} is ${row.state.name} in ${tab.name}` })
        else if (isWorthARetry(truth.get(row.conv)!, browser.me.id, row.body)) {
          journal.reach('retried')
          tab.dispatch(retryRequested({ conv: row.conv, clientId: row.clientId }))
          faults.push({ invariant: 'I9', what: `${row.body} is refused in ${tab.name}` })
        }
      }
      for (const one of truth.values()) {
        if (!one.members.has(browser.me.id)) continue
        const fault = viewFault(tab, one, record.stretches)
        if (fault) {
          faults.push({ invariant: 'I10', what: fault })
          // A page that was looked at before shows what arrived since; another one is opened to look.
          tab.dispatch(conversationOpened({ conv: one.conv }))
          // A place that says that something is missing there is looked at.
          const beforeSeq = unloadedBelow(tab, one.conv)
          if (beforeSeq !== undefined) tab.dispatch(historyRequested({ conv: one.conv, beforeSeq }))
          break
        }
      }
    }
    return faults
  }
  const wasLive = new Set<Tab>()
  /** What was in the log at some moment, and who was live then and has been since. */
  let due: { at: number; truth: Map<ConversationId, Truth>; tabs: Set<Tab> } | undefined
  const checkDue = async () => {
    for (const tab of due?.tabs ?? []) if (tab.state().connection.line.name !== 'live') due?.tabs.delete(tab)
    if (due && clock.now() - due.at < SEEN_MS) return
    for (const tab of due?.tabs ?? []) {
      for (const { conv, rev, members } of due?.truth.values() ?? []) {
        const through = tab.state().messages.byConv[conv]?.through?.rev ?? Infinity
        if (members.has(userOf(tab)) && through < rev)
          journal.violate('I10', `${tab.name} is live and ends at ${through} of ${conv}, which reached ${rev} long ago`)
      }
    }
    due = { at: clock.now(), truth: await readTruth(world), tabs: new Set(awake().map(({ tab }) => tab)) }
  }
  let faults = await pending()
  /** A storage that could not be read is asked again after two seconds: what seems over must still be over then. */
  let calmSince = clock.now()
  while (clock.now() - healedAt < withinMs && (faults.length > 0 || clock.now() - calmSince < CALM_MS)) {
    await clock.advance(3_000)
    monitor()
    await checkDue()
    faults = await pending()
    if (faults.length > 0) calmSince = clock.now()
    for (const { tab } of awake()) if (tab.state().connection.line.name === 'live') wasLive.add(tab)
    if (clock.now() - healedAt < LIVE_MS) continue
    for (const { tab } of awake()) if (!wasLive.has(tab)) journal.violate('I15', `${tab.name} is not live a minute after everything works`)
  }
  if (faults.length > 0) for (const { invariant, what } of await look()) journal.violate(invariant, what)
}

type Fault = { invariant: 'I9' | 'I10' | 'I15'; what: string }

/** Worth trying again: the person is a member, and the text is one that can be stored. */
const isWorthARetry = ({ members }: Truth, user: string, body: string): boolean => members.has(user as never) && !/[\0\u2620]/.test(body)

/** I13: a browser that was never here sees what everybody sees. */
async function checkColdRead(world: World, record: Records): Promise<void> {
  const { clock, journal, people } = world
  const truth = await readTruth(world)
  const person = people[1]!
  const cold = person.browsers[0]!.openTab({ isPrivate: true })
  for (const one of truth.values()) {
    if (!one.members.has(person.me.id)) continue
    cold.dispatch(conversationOpened({ conv: one.conv }))
    for (let waited = 0; viewFault(cold, one, record.stretches) && waited < 60_000; waited += 2_000) await clock.advance(2_000)
    const fault = viewFault(cold, one, record.stretches)
    if (fault) journal.violate('I13', `cold: ${fault}`)
  }
}

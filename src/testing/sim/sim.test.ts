import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conversationOpened, messageWritten } from '#client/live/facts.ts'
import { LOBBY, type ClientId, type ConversationId } from '#protocol/ids.ts'
import { addMembers, rename } from '#server/domain/conversations.ts'
import { removeMember } from '#server/domain/leaving.ts'
import type { Tab } from './browsers.ts'
import { add, emptyTally, MUST_REACH, summaryOf } from './campaign.ts'
import { openJournal } from './journal.ts'
import { play } from './play.ts'
import { scenarioOf, type Scenario, type Setup, type Step } from './scenario.ts'
import { shrink } from './shrink.ts'
import { openWorld } from './world.ts'

/** `SIM_SEEDS=FROM-TO` runs others. */
const [first = 1, last = 60] = (process.env['SIM_SEEDS'] ?? '1-20').split('-').map(Number)
const SEEDS = Array.from({ length: last - first + 1 }, (_, at) => first + at)

const PLAIN: Setup = {
  people: 3,
  browsersEach: 1,
  tabsEach: 1,
  hasGroup: true,
  servers: { nodes: 1, databaseLagMs: 0, busLoss: 0, busDoubles: 0, busMs: 5, tokenMs: 600_000, limit: '1000/1000' },
  browsers: { travelMs: 3, storageLagMs: 0, abortRate: 0, skewMs: 0 },
}

async function quietWorld(seed: number) {
  const world = await openWorld(seed, PLAIN, openJournal(), { heard: () => {}, pushed: () => {} })
  return {
    ...world,
    crew: world.conversations[1]!,
    open: (person: number, conv: ConversationId): Tab => {
      const tab = world.people[person]!.browsers[0]!.openTab()
      tab.dispatch(conversationOpened({ conv }))
      return tab
    },
    write: (tab: Tab, conv: ConversationId, body: string): ClientId => {
      const clientId = world.newId() as ClientId
      tab.dispatch(messageWritten({ conv, clientId, body, sentAt: world.clock.now() }))
      return clientId
    },
    /** The rules of the one node. It answers while time goes on. */
    manage: async (act: (core: NonNullable<ReturnType<typeof world.servers.core>>) => Promise<unknown>) => {
      const done = act(world.servers.core()!)
      await world.clock.advance(1_000)
      await done
    },
    log: (conv: ConversationId) =>
      world.servers.database.read<{ body: string; clientId: ClientId }[]>((tx) =>
        tx.messages(conv, { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 1_000, from: 'start' }),
      ),
  }
}

const shows = (tab: Tab, conv: ConversationId): string[] => {
  const { messages, outbox } = tab.state()
  return [...(messages.byConv[conv]?.messages ?? []), ...(outbox.byConv[conv] ?? [])].map((message) => message.clientId)
}

/** What campaigns found, each in its smallest form. */
const FOUND_IN = join(import.meta.dirname, 'found')
const FOUND = readdirSync(FOUND_IN).map((file) => {
  const { says, ...scenario } = JSON.parse(readFileSync(join(FOUND_IN, file), 'utf8')) as Scenario & { says: string }
  return { name: `${file.replace('.json', '')}: ${says}`, scenario }
})

describe('what was found once', () => {
  it.each(FOUND)('$name', { timeout: 30_000 }, async ({ scenario }) => {
    expect((await play(scenario)).violations).toEqual([])
  })
})

describe('whatever goes wrong', () => {
  it.each(SEEDS)('nothing is lost, doubled, reordered or stuck (seed %i)', async (seed) => {
    const { violations, messages } = await play(scenarioOf(seed))
    expect(violations).toEqual([])
    expect(messages).toBeGreaterThan(20)
  })

  it('happens the same way again under the same seed, and another way under another one', async () => {
    const [one, again, other] = [await play(scenarioOf(7)), await play(scenarioOf(7)), await play(scenarioOf(8))]
    expect(again.hash).toBe(one.hash)
    expect(other.hash).not.toBe(one.hash)
  })
})

describe('a scenario that fails', () => {
  it('is brought down to the steps that matter and the plainest setup', async () => {
    const fails = async ({ steps, setup }: Scenario) => steps.filter((step) => step.kind === 'write').length >= 2 && setup.tabsEach === 2
    const scenario = { ...scenarioOf(1), setup: { ...PLAIN, tabsEach: 2, browsersEach: 2 } }
    const smallest = await shrink(scenario, fails)
    expect(smallest.steps.map((step: Step) => step.kind)).toEqual(['write', 'write'])
    expect(smallest.setup).toMatchObject({ people: 2, browsersEach: 1, tabsEach: 2, hasGroup: false })
    const total = (steps: Step[]) => steps.reduce((sum, step) => sum + step.afterMs, 0)
    expect(total(smallest.steps)).toBeLessThanOrEqual(total(scenario.steps))
  })
})

describe('a campaign', () => {
  const run = (seed: number, more: Partial<Parameters<typeof add>[1]>) => ({
    seed,
    violations: [],
    messages: 60,
    reached: new Map([...MUST_REACH.map((name) => [name, 1] as const), ['faults', 9] as const]),
    hash: '',
    lines: [],
    ...more,
  })
  const summed = (...runs: ReturnType<typeof run>[]) => {
    const tally = emptyTally()
    for (const one of runs) add(tally, one)
    return summaryOf(tally, { mustReach: true })
  }

  it('ends with its sums, and is good when nothing was broken and everything was reached', () => {
    const { lines, isGood } = summed(run(1, {}), run(2, {}))
    expect(lines.at(-1)).toBe('seeds 2, lost 0, duplicated 0, reordered 0, stuck 0')
    expect(isGood).toBe(true)
  })

  it('counts each seed under what it broke, and names it', () => {
    const violations = [{ invariant: 'I1', what: 'gone' } as const, { invariant: 'I5', what: 'late' } as const]
    const { lines, isGood } = summed(run(1, { violations }), run(2, {}))
    expect(lines.at(-1)).toBe('seeds 2, lost 1, duplicated 0, reordered 1, stuck 0')
    expect(lines[0]).toBe('seed 1 broke I1 I5: gone')
    expect(isGood).toBe(false)
  })

  it('fails when a fault or a state was never reached, or too little happened', () => {
    const missed = summed(run(1, { reached: new Map([...run(1, {}).reached].filter(([name]) => name !== 'lock stolen')) }))
    expect(missed.isGood).toBe(false)
    expect(missed.lines[0]).toBe('never reached: lock stolen')
    expect(summed(run(1, { messages: 10 })).isGood).toBe(false)
  })
})

describe('a conversation', () => {
  it('has its new name and members after a reload, whenever they came', async () => {
    const { clock, crew, people, open, manage } = await quietWorld(1)
    const [ann, , cleo] = people
    await manage((core) => removeMember(core, ann!.identity, { conv: crew, user: cleo!.me.id }))
    const before = open(1, crew)
    await clock.advance(5_000)
    await manage((core) => rename(core, ann!.identity, { conv: crew, name: 'New' }))
    await manage((core) => addMembers(core, ann!.identity, { conv: crew, users: [cleo!.me.id] }))
    const facts = (tab: Tab) => {
      const { name, members } = tab.state().conversations.byId[crew]!.facts
      return [name, members.length]
    }
    expect(facts(before)).toEqual(['New', 3])
    before.end('close')
    await clock.advance(1_000)
    const after = open(1, crew)
    await clock.advance(5_000)
    expect(facts(after)).toEqual(['New', 3])
  })

  it('takes what was written offline by somebody who was removed and added again meanwhile', async () => {
    const { clock, crew, people, open, manage, write, log } = await quietWorld(2)
    const [ann, bob] = people
    const tab = open(1, crew)
    await clock.advance(5_000)
    bob!.browsers[0]!.network(false, false)
    await clock.advance(1_000)
    write(tab, crew, 'written offline')
    await manage((core) => removeMember(core, ann!.identity, { conv: crew, user: bob!.me.id }))
    await manage((core) => addMembers(core, ann!.identity, { conv: crew, users: [bob!.me.id] }))
    bob!.browsers[0]!.network(true, true)
    await clock.advance(60_000)
    expect((await log(crew)).map((message) => message.body)).toEqual(['written offline'])
    expect(tab.state().conversations.left).toEqual({})
  })
})

describe('a message written in a tab whose line has died unnoticed', () => {
  it.each([1, 2, 3, 4])('stays on its screen while another tab sends it (seed %i)', async (seed) => {
    const { clock, open, write, log } = await quietWorld(seed)
    open(0, LOBBY)
    await clock.advance(5_000)
    const tab = open(0, LOBBY)
    await clock.advance(5_000)
    for (const wire of tab.wires) wire.freeze('both')
    const clientId = write(tab, LOBBY, 'here')
    for (let ms = 0; ms < 4_000; ms++) {
      await clock.advance(1)
      expect(shows(tab, LOBBY), `after ${ms} ms`).toContain(clientId)
    }
    expect(await log(LOBBY)).toHaveLength(1)
  })
})

import type { Totals } from './checker.ts'
import { CUTS_AND_FREEZES, FAULT_NAMES } from './faults.ts'
import type { EventOf, HistoryEvent } from './history.ts'

export type Summary = {
  seed: number
  client: string
  messages: number
  faults: number
  kills: number
  cutsAndFreezes: number
  /** Faults that struck while a message was with nobody knows whom. */
  onUnacknowledged: number
  settledMs: number
  byFault: Map<string, number>
  reached: Map<string, number>
  refused: Map<string, number>
  totals: Totals
  isClean: boolean
}

/** What a campaign must have met, beside every kind of fault; otherwise it has shown less than it says. */
const MUST_REACH = [
  'repeated send recognised',
  'gap pulled',
  'reset',
  'reset again',
  'hole shown',
  'polling used',
  'back to websocket',
  'in flight at a kill',
  'tab takeover',
  'tab closed',
  'tab reloaded',
  'closed after writing',
  'cancelled',
  'edited',
  'deleted',
  'reacted',
  'reaction taken back',
  'change made',
  'tab killed',
  'left when it asked',
  'stayed when it asked',
  'storage aborted',
  'storage full',
  'back after long',
  'rate limit',
  'disk full answered',
  'farewell heard',
  'reconnected',
  'removed from the group',
  'poison refused',
  'token renewed',
]

const isKind =
  <K extends HistoryEvent['kind']>(kind: K) =>
  (event: HistoryEvent): event is EventOf<K> =>
    event.kind === kind

/** How often, or how long at worst. */
function count(into: Map<string, number>, key: string, times = 1): void {
  const before = into.get(key) ?? 0
  into.set(key, key.startsWith('ms ') ? Math.max(before, times) : before + times)
}

export function summaryOf(events: readonly HistoryEvent[], totals: Totals): Summary {
  const run = events.find(isKind('run'))
  const faults = events.filter(isKind('fault'))
  const kills = events.filter(isKind('kill'))
  const byFault = new Map<string, number>()
  for (const { name } of faults) count(byFault, name)
  const reached = new Map<string, number>()
  for (const { state, times } of events.filter(isKind('seen'))) if (times > 0) count(reached, state, times)
  const refused = new Map<string, number>()
  const poison = new Set(events.filter(isKind('written')).flatMap((event) => (event.poison ? [event.id] : [])))
  const refusals = new Map(events.filter(isKind('refused')).map(({ id, code }) => [id, code]))
  for (const [id, code] of refusals) {
    count(refused, code)
    if (poison.has(id)) count(reached, 'poison refused')
  }
  const inFlightAt = flights(events)
  count(reached, 'in flight at a kill', kills.filter(({ at }) => inFlightAt(at)).length)
  return {
    seed: run?.seed ?? 0,
    client: run?.client ?? 'unknown',
    messages: events.filter(isKind('written')).length,
    faults: faults.length,
    kills: kills.length,
    cutsAndFreezes: faults.filter(({ name }) => CUTS_AND_FREEZES.includes(name)).length,
    onUnacknowledged: faults.filter(({ at, client }) => inFlightAt(at, client)).length,
    settledMs: events.find(isKind('settled'))?.afterMs ?? -1,
    byFault,
    reached,
    refused,
    totals,
    isClean: Object.values(totals).every((total) => total === 0),
  }
}

/** Was a message of this client (of anybody) sent and not yet acknowledged then? */
function flights(events: readonly HistoryEvent[]): (at: number, client?: number) => boolean {
  const clientOf = new Map(events.filter(isKind('person')).map(({ who, client }) => [who, client]))
  const open = new Map<string, { client: number | undefined; from: number; to: number }>()
  for (const event of events) {
    if (event.kind === 'sending') {
      for (const id of event.ids) if (!open.has(id)) open.set(id, { client: clientOf.get(event.who), from: event.at, to: Infinity })
    } else if (event.kind === 'acked' || event.kind === 'refused') {
      const flight = open.get(event.id)
      if (flight && flight.to === Infinity) flight.to = event.at
    }
  }
  const all = [...open.values()]
  return (at, client) => all.some((flight) => flight.from <= at && at < flight.to && (client === undefined || flight.client === client))
}

const listed = (counts: Map<string, number>): string =>
  [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, times]) => `${name} ${times}`)
    .join(', ') || 'none'

const lastLine = ({ messages, faults, totals }: Pick<Summary, 'messages' | 'faults' | 'totals'>): string =>
  `messages ${messages}, faults ${faults}, lost ${totals.lost}, duplicated ${totals.duplicated}, reordered ${totals.reordered}, unsettled ${totals.unsettled}`

const figures = (summary: Summary): string =>
  `messages ${summary.messages}, kills ${summary.kills}, cuts and freezes ${summary.cutsAndFreezes}, faults on unacknowledged work ${summary.onUnacknowledged}, rows failed: ${listed(summary.refused)}; reached: ${listed(summary.reached)}`

export const linesOf = (summary: Summary): string[] => [
  `seed ${summary.seed}, ${summary.client} client, settled after ${summary.settledMs} ms; faults: ${listed(summary.byFault)}`,
  figures(summary),
  lastLine(summary),
]

function addedMaps(maps: Map<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>()
  for (const map of maps) for (const [key, times] of map) count(sum, key, times)
  return sum
}

/** The sums over a campaign. */
export function addedUp(all: readonly Summary[]): Summary {
  const sum = (of: (one: Summary) => number) => all.reduce((total, one) => total + of(one), 0)
  return {
    seed: all[0]?.seed ?? 0,
    client: all[0]?.client ?? 'unknown',
    messages: sum((one) => one.messages),
    faults: sum((one) => one.faults),
    kills: sum((one) => one.kills),
    cutsAndFreezes: sum((one) => one.cutsAndFreezes),
    onUnacknowledged: sum((one) => one.onUnacknowledged),
    settledMs: Math.max(...all.map((one) => one.settledMs)),
    byFault: addedMaps(all.map((one) => one.byFault)),
    reached: addedMaps(all.map((one) => one.reached)),
    refused: addedMaps(all.map((one) => one.refused)),
    totals: {
      lost: sum((one) => one.totals.lost),
      duplicated: sum((one) => one.totals.duplicated),
      reordered: sum((one) => one.totals.reordered),
      unsettled: sum((one) => one.totals.unsettled),
    },
    isClean: all.every((one) => one.isClean),
  }
}

/** Kinds of faults and interesting states that a campaign never met. */
export const neverReached = ({ byFault, reached }: Summary): string[] => [
  ...FAULT_NAMES.filter((name) => !byFault.has(name)),
  ...MUST_REACH.filter((state) => (reached.get(state) ?? 0) === 0),
]

export const campaignLines = (all: Summary, missed: readonly string[], first: number, count: number): string[] => [
  `seeds ${first} to ${first + count - 1}; faults: ${listed(all.byFault)}`,
  ...(missed.length > 0 ? [`never reached: ${missed.join(', ')}`] : []),
  figures(all),
  lastLine(all),
]

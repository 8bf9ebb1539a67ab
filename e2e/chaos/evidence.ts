import type { EventOf, HistoryEvent, ReadRow } from './history.ts'

/** The history, sorted by what it is evidence of. */
export type Evidence = ReturnType<typeof evidenceFrom>

const ofKind = <K extends HistoryEvent['kind']>(events: readonly HistoryEvent[], kind: K): EventOf<K>[] =>
  events.filter((event): event is EventOf<K> => event.kind === kind)

/** Who wrote what, where: what a message is, whatever id it got on the way. */
const writing = (conv: string, sender: string, body: string): string => `${conv} ${sender} ${body}`

function grouped<E, V>(events: readonly E[], key: (event: E) => string, value: (event: E) => V): Map<string, Set<V>> {
  const groups = new Map<string, Set<V>>()
  for (const event of events) {
    const group = groups.get(key(event))
    if (group) group.add(value(event))
    else groups.set(key(event), new Set([value(event)]))
  }
  return groups
}

export function evidenceFrom(events: readonly HistoryEvent[]) {
  const written = ofKind(events, 'written')
  const byId = new Map(written.map((event) => [event.id, event]))
  const asked = ofKind(events, 'asked')
  const reads = ofKind(events, 'read')
  /** The log of each conversation as the disk has it. */
  const logs = new Map(reads.filter(({ source }) => source === 'db').map(({ conv, messages }) => [conv, messages]))
  const places = new Map<string, { row: ReadRow; conv: string }>()
  const inLog = new Set<string>()
  /** Every text that a message ever had or was to have. */
  const byWriting = new Map(written.map((event) => [writing(event.conv, event.who, event.body), event]))
  for (const { conv, who, id, body } of asked) {
    const source = byId.get(id)
    if (body !== undefined && source) byWriting.set(writing(conv, who, body), source)
  }
  for (const [conv, log] of logs) {
    for (const row of log) {
      places.set(`${conv} ${row[1]}`, { row, conv })
      const source = byWriting.get(writing(conv, row[2], row[3]))
      if (source) inLog.add(source.id)
    }
  }
  const lastDeed = events.findLastIndex(({ kind }) => kind === 'written' || kind === 'asked' || kind === 'healed')
  const settledAt = events.findIndex(({ kind }) => kind === 'settled')
  /** The tabs that were open when everything had come to rest, and whose they are. */
  const openAtEnd = new Map<string, string>()
  for (const event of events.slice(0, settledAt + 1)) {
    if (event.kind === 'opened') openAtEnd.set(event.tab, event.who)
    else if (event.kind === 'closed') openAtEnd.delete(event.tab)
  }
  const removingAt = new Map<string, number>()
  events.forEach((event, at) => event.kind === 'removing' && removingAt.set(`${event.who} ${event.conv}`, at))
  const left = new Map(ofKind(events, 'left').map(({ who, conv, afterSeq }) => [`${who} ${conv}`, afterSeq]))
  const refusals = ofKind(events, 'refused')
  const cancelled = new Map(ofKind(events, 'cancelled').map((event) => [event.id, event]))
  const closed = ofKind(events, 'closed')
  const killed = new Set(closed.flatMap(({ tab, killed }) => (killed ? [tab] : [])))
  const asking = new Set(closed.flatMap(({ tab, asked }) => (asked ? [tab] : [])))
  return {
    run: ofKind(events, 'run')[0],
    conversations: ofKind(events, 'conversation'),
    written,
    byId,
    byWriting,
    kept: new Set(ofKind(events, 'kept').map(({ id }) => id)),
    cancelled,
    keptCancels: new Set(ofKind(events, 'cancelKept').map(({ id }) => id)),
    refusals,
    refused: new Set(refusals.map(({ id }) => id)),
    /** Had this person been removed from the conversation, and not come back, when this was said? */
    isSaidToFormer: (who: string, event: EventOf<'refused'> | EventOf<'declined'>): boolean =>
      left.has(`${who} ${event.conv}`) && events.indexOf(event) > (removingAt.get(`${who} ${event.conv}`) ?? -1),
    asked,
    askedByOp: new Map(asked.map((event) => [event.op, event])),
    /** Messages that somebody wanted to be gone. */
    toBeDeleted: new Set(asked.flatMap(({ what, id }) => (what === 'delete' ? [id] : []))),
    /** Did this person want that message to be gone, by whatever they did about it? */
    wantedGone: (who: string, id: string): boolean =>
      cancelled.get(id)?.who === who || asked.some((event) => event.what === 'delete' && event.id === id && event.who === who),
    keptChanges: new Set(ofKind(events, 'changeKept').map(({ op }) => op)),
    applied: ofKind(events, 'applied'),
    declined: ofKind(events, 'declined'),
    changes: ofKind(events, 'changes'),
    /** Where pages began, by tab and conversation. */
    pages: grouped(
      ofKind(events, 'page'),
      ({ tab, conv }) => `${tab} ${conv}`,
      ({ from }) => from,
    ),
    acked: ofKind(events, 'acked'),
    openAtEnd,
    /** What was written there and not kept may be lost: nobody was asked, and nothing was left behind. */
    wasKilled: (tab: string): boolean => killed.has(tab),
    /** What was to be done there to messages, and not kept, may be lost: it was killed, or somebody was asked and left. */
    mayForget: (tab: string): boolean => killed.has(tab) || asking.has(tab),
    views: ofKind(events, 'view'),
    /** What was shown after all was done and everything worked. */
    finals: ofKind(events.slice(lastDeed + 1), 'view').filter(({ final }) => final),
    unsettled: ofKind(events, 'unsettled'),
    /** Tabs and messages that had not come to rest when everything was read. */
    restless: new Set(ofKind(events, 'unsettled').flatMap(({ tab, ids }) => [tab, ...ids])),
    settled: ofKind(events, 'settled'),
    chains: ofKind(events, 'chain'),
    /** After how many messages each person left each conversation. */
    left,
    reads,
    logs,
    /** Where a message stands, by conversation and id. */
    place: (conv: string, id: string): ReadRow | undefined => places.get(`${conv} ${id}`)?.row,
    isStored: ({ conv, id }: EventOf<'written'>): boolean => inLog.has(id) || places.has(`${conv} ${id}`),
    writing,
  }
}

import type { EventOf, HistoryEvent, ReadRow } from './history.ts'

/** The history, sorted by what it is evidence of. */
export type Evidence = ReturnType<typeof evidenceFrom>

const ofKind = <K extends HistoryEvent['kind']>(events: readonly HistoryEvent[], kind: K): EventOf<K>[] =>
  events.filter((event): event is EventOf<K> => event.kind === kind)

/** Who wrote what, where: what a message is, whatever id it got on the way. */
const writing = (conv: string, sender: string, body: string): string => `${conv} ${sender} ${body}`

export function evidenceFrom(events: readonly HistoryEvent[]) {
  const written = ofKind(events, 'written')
  const reads = ofKind(events, 'read')
  /** The log of each conversation as the disk has it. */
  const logs = new Map(reads.filter(({ source }) => source === 'db').map(({ conv, messages }) => [conv, messages]))
  const places = new Map<string, { row: ReadRow; conv: string }>()
  const inLog = new Set<string>()
  for (const [conv, log] of logs) {
    for (const row of log) {
      places.set(`${conv} ${row[1]}`, { row, conv })
      inLog.add(writing(conv, row[2], row[3]))
    }
  }
  return {
    run: ofKind(events, 'run')[0],
    conversations: ofKind(events, 'conversation'),
    written,
    byId: new Map(written.map((event) => [event.id, event])),
    byWriting: new Map(written.map((event) => [writing(event.conv, event.who, event.body), event])),
    kept: new Set(ofKind(events, 'kept').map(({ id }) => id)),
    cancelled: new Map(ofKind(events, 'cancelled').map((event) => [event.id, event])),
    refused: new Map(ofKind(events, 'refused').map((event) => [event.id, event])),
    acked: ofKind(events, 'acked'),
    opened: new Set(ofKind(events, 'opened').map(({ tab }) => tab)),
    closed: new Map(ofKind(events, 'closed').map(({ tab, at }) => [tab, at])),
    views: ofKind(events, 'view'),
    unsettled: ofKind(events, 'unsettled'),
    /** Tabs and messages that had not come to rest when everything was read. */
    restless: new Set(ofKind(events, 'unsettled').flatMap(({ tab, ids }) => [tab, ...ids])),
    settled: ofKind(events, 'settled'),
    chains: ofKind(events, 'chain'),
    /** After how many messages each person left each conversation. */
    left: new Map(ofKind(events, 'left').map(({ who, conv, afterSeq }) => [`${who} ${conv}`, afterSeq])),
    reads,
    logs,
    /** Where a message stands, by conversation and id. */
    place: (conv: string, id: string): ReadRow | undefined => places.get(`${conv} ${id}`)?.row,
    isStored: (event: EventOf<'written'>): boolean => inLog.has(writing(event.conv, event.who, event.body)),
    writing,
  }
}

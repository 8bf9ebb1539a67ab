import { checkChanges } from './checkChanges.ts'
import { checkLog } from './checkLog.ts'
import { checkReads } from './checkReads.ts'
import { checkViews } from './checkViews.ts'
import { evidenceFrom } from './evidence.ts'
import type { HistoryEvent } from './history.ts'

/** Something that must not be. `ids` are the client ids of the messages it is about. */
export type Violation = { invariant: string; counts: keyof Totals; says: string; ids: string[] }

/** What came of it for people. */
export type Totals = { lost: number; duplicated: number; reordered: number; unsettled: number }

/**
 * Judges a history, and nothing but the history: it knows neither the system nor what drove it.
 *
 * | id | what is checked |
 * |---|---|
 * | I1 | whatever was written, and kept or written in a page that stayed, and not cancelled, is in the log or was refused for an injected cause; a change is refused for such a cause only |
 * | I2 | no message twice in the log, in a view or in a read: by id, and by who wrote what; no change is made twice |
 * | I3 | seq = 1..n and rev = 1..m without holes; every hash follows from the one before, those of edits from the texts that were asked for |
 * | I4 | rows of a view stand as in the log; where seqs are not neighbours there is a marker between them, and a page began there |
 * | I5 | what one tab wrote in one conversation stands in the log in that order, and so do its changes to one message, behind it |
 * | I6 | whatever was shown with ✓ is in the log, at the seq that was shown; whatever change was told as made is made |
 * | I7 | the status of a row only rises; an own row never disappears; nothing that is stored is shown as failed at the end |
 * | I8 | the log and the views hold nothing that nobody wrote or asked for; what was asked for last is what stands |
 * | I9 | at the end everybody is live and has nothing unsent; the history has an end |
 * | I10 | at the end every open tab of every member shows the newest messages of the log, and all from its first row on |
 * | I11 | who left sees nothing that came after |
 * | I12 | watermarks only rise; read ≤ delivered ≤ stored |
 * | I13 | disk, every open tab, a cold client and HTTP hold the same messages with the same texts and reactions |
 *
 * A history can't tell memory, sockets and timers (I14), nor times to be live (I15); of I7 it sees what a view sampled, of I2 no
 * notifications, of I11 no policy for those who join late.
 */
export function check(events: readonly HistoryEvent[]): Violation[] {
  const evidence = evidenceFrom(events)
  if (evidence.settled.length === 0 || evidence.logs.size === 0) {
    return [{ invariant: 'I9', counts: 'unsettled', says: 'the history ends before everything came to rest and was read', ids: [] }]
  }
  return [...checkLog(evidence), ...checkChanges(evidence), ...checkViews(evidence), ...checkReads(evidence)]
}

/** How many messages each kind of trouble struck; trouble that is about no message counts as one. */
export function totalsOf(violations: readonly Violation[]): Totals {
  const of = (kind: keyof Totals): number => {
    const ones = violations.filter(({ counts }) => counts === kind)
    return new Set(ones.flatMap(({ ids }) => ids)).size + ones.filter(({ ids }) => ids.length === 0).length
  }
  return { lost: of('lost'), duplicated: of('duplicated'), reordered: of('reordered'), unsettled: of('unsettled') }
}

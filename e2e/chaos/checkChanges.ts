import { createHash } from 'node:crypto'
import type { Violation } from './checker.ts'
import type { Evidence } from './evidence.ts'
import { reactionsIn, type EventOf } from './history.ts'

type Asked = EventOf<'asked'>
type Report = (invariant: string, counts: Violation['counts'], says: string, id: string) => void

/** Edits, deletions and reactions: I1, I2, I5, I6, I7 and I8 of what was to be done to messages. */
export function checkChanges(evidence: Evidence): Violation[] {
  const found: Violation[] = []
  const report: Report = (invariant, counts, says, id) => found.push({ invariant, counts, says, ids: [id] })
  const revs = checkMade(evidence, report)
  checkApplied(evidence, revs, report)
  const declined = checkDeclined(evidence, revs, report)
  const groups = new Map<string, Asked[]>()
  for (const event of evidence.asked) groups.set(event.id, [...(groups.get(event.id) ?? []), event])
  for (const [id, asked] of groups) checkOrder(id, asked, revs, report)
  for (const [conv, log] of evidence.logs) {
    for (const [, id, , body, state = ''] of log) {
      const asked = groups.get(id) ?? []
      const counts = new Set(asked.filter((event) => isBinding(event, evidence, revs, declined)))
      checkOutcome({ conv, id, body, state, asked, counts }, evidence, report)
    }
  }
  return found
}

/** What the log holds was asked for, once, after its message. Answers the rev of each. */
function checkMade(evidence: Evidence, report: Report): Map<string, number> {
  const revs = new Map<string, number>()
  for (const { conv, log } of evidence.changes) {
    for (const [rev, kind, id, op, actor, emoji, messageRev] of log) {
      if (revs.has(op)) report('I2', 'duplicated', `${conv} holds at rev ${rev} a change that it holds at ${revs.get(op)}`, id)
      revs.set(op, rev)
      if (rev <= messageRev) report('I5', 'reordered', `${conv} holds at rev ${rev} a change of what came at ${messageRev}`, id)
      const asked = evidence.askedByOp.get(op)
      // what was taken back where it waited is deleted under another name by the page that had sent it meanwhile
      const isTakenBack = !asked && kind === 'delete' && evidence.wantedGone(actor, id)
      const isAsAsked = asked?.what === kind && asked.id === id && asked.who === actor && asked.conv === conv && (asked.emoji ?? '') === emoji
      if (!isAsAsked && !isTakenBack) report('I8', 'duplicated', `${conv} holds at rev ${rev} a change (${kind}) that nobody asked for`, id)
    }
  }
  return revs
}

/** What was told as refused was, and for a reason. Answers which were. */
function checkDeclined(evidence: Evidence, revs: Map<string, number>, report: Report): Set<string> {
  const isGone = (id: string) => evidence.toBeDeleted.has(id) || evidence.cancelled.has(id)
  for (const event of evidence.declined) {
    const asked = evidence.askedByOp.get(event.op)
    const { id } = event
    if (revs.has(event.op)) report('I7', 'duplicated', `tab ${event.tab} was told ${event.code} for a change that was made`, id)
    const hasReason = (event.code === 'E_NOT_FOUND' && isGone(id)) || (event.code === 'E_NOT_MEMBER' && evidence.isSaidToFormer(event.who, event))
    if (!hasReason)
      report('I1', 'lost', `a change (${asked?.what ?? 'what was taken back'}) refused as ${event.code} for no reason, in ${event.conv}`, id)
  }
  return new Set(evidence.declined.map(({ op }) => op))
}

/** What was told as made stands where it was told to stand; or it changed nothing then, and left no event. */
function checkApplied(evidence: Evidence, revs: Map<string, number>, report: Report): void {
  for (const { op, tab, rev } of evidence.applied) {
    const asked = evidence.askedByOp.get(op)
    // the client deletes what was taken back too late under a name of its own
    if (!asked) continue
    const there = revs.get(op)
    if (there === undefined && !wasSoAt(rev, asked, evidence))
      report('I6', 'lost', `tab ${tab} was told of a change (${asked.what}) that was not made`, asked.id)
    if (there !== undefined && there !== rev)
      report('I6', 'reordered', `tab ${tab} was told at rev ${rev} of a change (${asked.what}) that stands at ${there}`, asked.id)
  }
}

/** Was the message at this rev of the log as this change would have made it? */
function wasSoAt(rev: number, { what, conv, id, who, emoji, body = '' }: Asked, evidence: Evidence): boolean {
  const row = evidence.place(conv, id)
  if (!row) return false
  const before = evidence.changes.flatMap(({ conv: where, log }) => (where === conv ? log.filter((one) => one[0] <= rev && one[2] === id) : []))
  if (what === 'delete') return before.some(([, kind]) => kind === 'delete')
  if (what === 'edit') return textHashAt(rev, conv, row[0], evidence) === sha256(body)
  const last = before.findLast(([, kind, , , actor, with_]) => kind.endsWith('react') && actor === who && with_ === emoji)
  return (last?.[1] === 'react') === (what === 'react')
}

/** The hash of the text that the message at `seq` had when the log had come to `rev`. */
function textHashAt(rev: number, conv: string, seq: number, evidence: Evidence): string | undefined {
  const chain = evidence.chains.find((one) => one.conv === conv)?.log ?? []
  const messageId = chain.filter(([, kind]) => kind === 'new')[seq - 1]?.[2]
  const last = chain.findLast(([at, kind, id]) => at <= rev && id === messageId && (kind === 'new' || kind === 'edit'))
  // the text of an edit may be gone; whoever asked for it still knows it
  const asked = last?.[1] === 'edit' ? evidence.askedByOp.get(last[3])?.body : undefined
  return asked === undefined ? last?.[4] : sha256(asked)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Where order makes a difference: among what is done to the text, and to each reaction. */
function checkOrder(id: string, asked: readonly Asked[], revs: Map<string, number>, report: Report): void {
  const last = new Map<string, number>()
  for (const { tab, op, what, emoji = 'its text' } of asked) {
    const rev = revs.get(op)
    if (rev === undefined) continue
    const key = `${tab} ${emoji}`
    if (rev < (last.get(key) ?? 0)) report('I5', 'reordered', `tab ${tab} asked for a change (${what}) later than for one that stands behind it`, id)
    else last.set(key, rev)
  }
}

/**
 * It must come true: it was made or kept, or its page had nothing to forget when it went; and nobody said no. That somebody was removed excuses
 * nothing: what was not made before is asked for by the next page of that browser, and that one must say that it was refused.
 */
function isBinding({ op, tab }: Asked, evidence: Evidence, revs: Map<string, number>, declined: Set<string>): boolean {
  if (declined.has(op) || evidence.restless.has(op)) return false
  return revs.has(op) || evidence.keptChanges.has(op) || !evidence.mayForget(tab)
}

type Outcome = { conv: string; id: string; body: string; state: string; asked: readonly Asked[]; counts: ReadonlySet<Asked> }

/** What was asked for last is what stands. No order is promised between tabs: any of their last words may. */
function checkOutcome({ conv, id, body, state, asked, counts }: Outcome, evidence: Evidence, report: Report): void {
  const isDeleted = state === 'deleted'
  const mayBeDeleted = evidence.toBeDeleted.has(id) || evidence.cancelled.has(id)
  if (isDeleted && !mayBeDeleted) report('I8', 'lost', `${conv} holds as deleted what nobody deleted`, id)
  if (!isDeleted && asked.some((event) => event.what === 'delete' && counts.has(event)))
    report('I8', 'lost', `${conv} still holds what was deleted`, id)
  if (isDeleted) return

  const edits = asked.filter(({ what }) => what === 'edit')
  const first = evidence.byId.get(id)?.body
  const texts = lastWords(edits, counts).map((event) => event?.body ?? first)
  if (edits.length > 0 && !texts.includes(body)) report('I8', 'lost', `${conv} holds another text than the last that was asked for`, id)

  const reactions = reactionsIn(state)
  const isThere = (who: string, emoji: string) => reactions.some((one) => one.who === who && one.emoji === emoji)
  const wishes = asked.filter(({ what }) => what === 'react' || what === 'unreact')
  for (const key of new Set(wishes.map(({ who, emoji }) => `${who} ${emoji}`))) {
    const own = wishes.filter(({ who, emoji }) => `${who} ${emoji}` === key)
    const { who, emoji = '' } = own[0]!
    if (!lastWords(own, counts).some((event) => (event?.what === 'react') === isThere(who, emoji)))
      report('I8', 'lost', `${conv} holds another reaction of ${who} than the last that was asked for`, id)
  }
  for (const { who, emoji } of reactions) {
    if (wishes.some((event) => event.who === who && event.emoji === emoji && event.what === 'react')) continue
    report('I8', 'duplicated', `${conv} holds a reaction that ${who} never asked for`, id)
  }
}

/** What may stand at the end: of each tab the last that counts, and whatever may or may not have been kept; undefined is how it began. */
function lastWords(asked: readonly Asked[], counts: ReadonlySet<Asked>): (Asked | undefined)[] {
  const binding = asked.filter((event) => counts.has(event))
  const lasts = new Map(binding.map((event) => [event.tab, event]))
  const others = asked.filter((event) => !counts.has(event))
  return [...lasts.values(), ...others, ...(binding.length === 0 ? [undefined] : [])]
}

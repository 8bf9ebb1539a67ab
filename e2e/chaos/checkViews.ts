import type { Violation } from './checker.ts'
import type { Evidence } from './evidence.ts'
import type { EventOf, StoredRow } from './history.ts'

type View = EventOf<'view'>

/** The way of an own row; a refused one that is asked for again starts anew. */
const RANKS: Record<string, number> = { saving: 0, queued: 1, sending: 2, failed: 3, sent: 4, delivered: 5, read: 6 }

/** What people saw: I2, I4, I7, I8, I10, I11 and I12. */
export function checkViews(evidence: Evidence): Violation[] {
  const found = new Map<string, Violation>()
  /** One violation for each tab, conversation and kind, with all its messages: a wrong row stays wrong in every later view. */
  const report = (view: View, invariant: string, counts: Violation['counts'], says: string, ids: string[]) => {
    const key = `${view.tab} ${view.conv} ${invariant} ${counts}`
    const before = found.get(key)
    if (before) before.ids = [...new Set([...before.ids, ...ids])]
    else found.set(key, { invariant, counts, says: `tab ${view.tab}, ${view.conv}: ${says}`, ids })
  }

  const before = new Map<string, View>()
  for (const view of evidence.views) {
    checkRows(view, evidence, (...of) => report(view, ...of))
    const key = `${view.tab} ${view.conv}`
    const earlier = before.get(key)
    if (earlier) checkChange(earlier, view, evidence, (...of) => report(view, ...of))
    checkMarks(earlier, view, evidence, (...of) => report(view, ...of))
    before.set(key, view)
  }

  for (const view of evidence.finals) checkEnd(view, evidence, (...of) => report(view, ...of))
  return [...found.values(), ...missingEnds(evidence)]
}

type Report = (invariant: string, counts: Violation['counts'], says: string, ids: string[]) => void

/**
 * So many of the newest messages a client loads by itself at least, and without a hole: a page of an answer holds 16 KiB, and a message of a
 * run with its reactions less than 800 bytes.
 */
export const FIRST_SCREEN = 20

const isRow = (row: StoredRow): row is Exclude<StoredRow, 'gap'> => row !== 'gap'

function checkRows(view: View, evidence: Evidence, report: Report): void {
  const { conv, who, tab, rows, own } = view
  const pages = evidence.pages.get(`${tab} ${conv}`)
  const leftAfter = evidence.left.get(`${who} ${conv}`) ?? Infinity
  const log = evidence.logs.get(conv) ?? []
  const ids = new Set<string>()
  let last: number | undefined
  let isMarked = false
  for (const row of rows) {
    if (!isRow(row)) {
      isMarked = true
      continue
    }
    const [seq, id] = row
    if (last !== undefined && seq <= last) report('I4', 'reordered', `${seq} stands after ${last}`, [id])
    else if (last !== undefined && seq !== last + 1) {
      const skipped = log.slice(last, seq - 1).map(([, missing]) => missing)
      const ids = skipped.length > 0 ? skipped : [id]
      if (!isMarked) report('I4', 'lost', `${seq} stands right after ${last}, and nothing says that something is missing`, ids)
      else if (!pages?.has(seq)) report('I4', 'lost', `nothing stands between ${last} and ${seq}, though no page began there`, ids)
    }
    const there = log[seq - 1]
    if (there?.[1] !== id) {
      const isKnown = evidence.place(conv, id) !== undefined
      report(isKnown ? 'I4' : 'I8', isKnown ? 'reordered' : 'duplicated', `shows at ${seq} what the log does not hold there`, [id])
    }
    if (ids.has(id)) report('I2', 'duplicated', `shows the same message twice, at ${seq} again`, [id])
    if (seq > leftAfter) report('I11', 'unsettled', `shows ${seq}, which came after this person had left at ${leftAfter}`, [id])
    ids.add(id)
    last = seq
    isMarked = false
  }
  for (const [id, status, seq] of own) {
    if (ids.has(id)) report('I2', 'duplicated', 'shows a message both as stored and as own', [id])
    ids.add(id)
    const written = evidence.byId.get(id)
    if (written?.who !== who || written.conv !== conv) report('I8', 'duplicated', 'shows an own row that was not written here', [id])
    if (seq !== null && evidence.place(conv, id)?.[0] !== seq)
      report('I6', 'lost', `shows ${status} at ${seq} for what the log does not hold there`, [id])
  }
}

const ownRows = (view: View): Map<string, string> =>
  new Map([
    ...view.rows.filter(isRow).flatMap(([, id, status]): [string, string][] => (status === null ? [] : [[id, status]])),
    ...view.own.map(([id, status]): [string, string] => [id, status]),
  ])

function checkChange(earlier: View, later: View, evidence: Evidence, report: Report): void {
  const now = ownRows(later)
  const stored = later.rows.filter(isRow)
  const first = stored[0]?.[0] ?? Infinity
  const hasHoles = later.rows.includes('gap')
  for (const [id, status] of ownRows(earlier)) {
    const next = now.get(id)
    if (next !== undefined) {
      const isRetried = status === 'failed'
      if (!isRetried && (RANKS[next] ?? 0) < (RANKS[status] ?? 0)) report('I7', 'unsettled', `goes back from ${status} to ${next}`, [id])
      continue
    }
    const seq = evidence.place(later.conv, id)?.[0]
    // what still waited may be nowhere, or be sent by another tab that was not told in time
    const isTakenBack = evidence.toBeDeleted.has(id) && (seq === undefined || (RANKS[status] ?? 0) < RANKS['sending']!)
    if (evidence.cancelled.has(id) || isTakenBack) continue
    // scrolled out above, or behind a marker
    if (seq !== undefined && (seq < first || (hasHoles && seq < (stored.at(-1)?.[0] ?? 0)))) continue
    report('I7', 'lost', `an own row that was ${status} is no longer shown`, [id])
  }
}

function checkMarks(earlier: View | undefined, view: View, evidence: Evidence, report: Report): void {
  const stored = evidence.logs.get(view.conv)?.at(-1)?.[0] ?? 0
  for (const [user, [delivered, read]] of Object.entries(view.marks)) {
    const before = earlier?.marks[user]
    if (before && (delivered < before[0] || read < before[1])) report('I12', 'reordered', `the marks of ${user} went back`, [])
    if (read > delivered) report('I12', 'reordered', `${user} has read ${read} and received ${delivered}`, [])
    if (delivered > stored) report('I12', 'reordered', `${user} has received ${delivered} of ${stored}`, [])
  }
}

/** Only what stands above the first row, and above what every client loads, may not be here: it is reached by scrolling. */
function checkEnd(view: View, evidence: Evidence, report: Report): void {
  if (evidence.left.has(`${view.who} ${view.conv}`)) return
  const log = evidence.logs.get(view.conv) ?? []
  const rows = view.rows.filter(isRow)
  const shown = new Set(rows.map(([, id]) => id))
  const first = Math.min(rows[0]?.[0] ?? 0, (log.at(-1)?.[0] ?? 0) - FIRST_SCREEN + 1)
  const unseen = log.filter(([seq, id]) => !shown.has(id) && seq >= first)
  // what came to rest late may be stored after it was looked for
  const isLate = evidence.restless.has(view.tab) || (evidence.restless.size > 0 && unseen.every(([seq]) => seq > (rows.at(-1)?.[0] ?? 0)))
  if (unseen.length > 0)
    report(
      'I10',
      isLate ? 'unsettled' : 'lost',
      `does not show ${unseen.length} messages of the log at the end, the first at ${unseen[0]![0]}`,
      unseen.map(([, id]) => id),
    )
  for (const [id, status] of view.own) {
    const written = evidence.byId.get(id)
    if (status === 'failed' && written && evidence.isStored(written)) report('I7', 'duplicated', 'shows as failed what is stored', [id])
    if (status !== 'failed') report('I9', 'unsettled', `shows ${status} at the end`, [id])
  }
}

/** Every open tab must say what it shows at the end, of every conversation its person is a member of; and every member must have one. */
function missingEnds(evidence: Evidence): Violation[] {
  const found: Violation[] = []
  const report = (says: string) => found.push({ invariant: 'I10', counts: 'unsettled', says, ids: [] })
  for (const { conv, members } of evidence.conversations) {
    for (const who of members) {
      if (evidence.left.has(`${who} ${conv}`) || (evidence.logs.get(conv) ?? []).length === 0) continue
      const tabs = [...evidence.openAtEnd].flatMap(([tab, whose]) => (whose === who ? [tab] : []))
      const ends = evidence.finals.filter((view) => view.conv === conv && view.who === who)
      if (tabs.length === 0 && ends.length === 0) report(`${who} shows nothing of ${conv} at the end`)
      for (const tab of tabs) if (!ends.some((view) => view.tab === tab)) report(`tab ${tab} shows nothing of ${conv} at the end`)
    }
  }
  return found
}

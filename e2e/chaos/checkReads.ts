import type { Violation } from './checker.ts'
import type { Evidence } from './evidence.ts'
import type { ReadRow } from './history.ts'

/** I13: whoever reads everything in the end reads the same, in whatever way; and I2 once more for each of them. */
export function checkReads(evidence: Evidence): Violation[] {
  const found: Violation[] = []
  const report = (counts: Violation['counts'], says: string, ids: string[] = [], invariant = 'I13') => {
    if (ids.length > 0) found.push({ invariant, counts, says, ids })
  }
  for (const { conv, source: how, tab, messages, partial } of evidence.reads) {
    const source = tab === undefined ? how : `${how} (tab ${tab})`
    const log = evidence.logs.get(conv)
    if (!log || how === 'db') continue
    const truth = new Map(log.map((row) => [row[1], row]))
    const read = new Map(messages.map((row) => [row[1], row]))
    const idsOf = (rows: Iterable<ReadRow>) => [...rows].map(([, id]) => id)
    const twice = messages.filter(([, id], at) => messages.findIndex((other) => other[1] === id) !== at)
    report('duplicated', `${source} reads messages of ${conv} twice`, idsOf(twice), 'I2')
    if (partial) found.push({ invariant: 'I13', counts: 'unsettled', says: `${source} could not read ${conv} up to its start`, ids: [] })
    const [first, last] = [messages[0]?.[0] ?? 0, messages.at(-1)?.[0] ?? 0]
    const missing = log.filter(([seq, id]) => !read.has(id) && !(partial && seq < first))
    // what came to rest late may be stored after it was read
    const isLate = ([seq]: readonly [number, ...unknown[]]) => evidence.restless.size > 0 && seq > last
    report('lost', `${source} does not read all of ${conv}`, idsOf(missing.filter((row) => !isLate(row))))
    report('unsettled', `${source} read ${conv} before everything was stored`, idsOf(missing.filter(isLate)))
    report('duplicated', `${source} reads in ${conv} what the disk does not hold`, idsOf(messages.filter(([, id]) => !truth.has(id))))
    report(
      'reordered',
      `${source} reads messages of ${conv} at another place, by somebody else or with another text`,
      idsOf(messages.filter((row) => truth.has(row[1]) && row.some((part, at) => part !== truth.get(row[1])![at]))),
    )
    report('reordered', `${source} reads ${conv} out of order`, idsOf(messages.filter(([seq], at) => at > 0 && seq < messages[at - 1]![0])))
  }
  for (const { conv, members } of evidence.conversations) {
    for (const source of evidence.run?.reads ?? []) {
      if (source === 'live') {
        for (const [tab, who] of evidence.openAtEnd) {
          if (!members.includes(who) || evidence.left.has(`${who} ${conv}`)) continue
          if (evidence.reads.some((read) => read.conv === conv && read.source === 'live' && read.tab === tab)) continue
          found.push({ invariant: 'I13', counts: 'unsettled', says: `nobody read ${conv} from tab ${tab}`, ids: [] })
        }
        if (evidence.openAtEnd.size > 0) continue
      }
      if (evidence.reads.some((read) => read.conv === conv && read.source === source)) continue
      found.push({ invariant: 'I13', counts: 'unsettled', says: `nobody read ${conv} from ${source}`, ids: [] })
    }
  }
  return found
}

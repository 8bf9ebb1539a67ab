import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { totalsOf } from './checker.ts'
import { acked, chained, changed, CLEAN, gone, judged, kept, LOG, named, read, shown, withLog, withMore, wrote, type Event } from './cleanHistory.ts'
import type { ChainRow, ReadRow, ReadSource, StoredRow } from './history.ts'

describe('the checker', () => {
  it('finds nothing in a clean history', () => {
    expect(judged(CLEAN)).toEqual([])
    expect(totalsOf(judged(CLEAN))).toEqual({ lost: 0, duplicated: 0, reordered: 0, unsettled: 0 })
  })

  it('I1: names what was kept and is not in the log', () => {
    expect(withMore(wrote('a3', 'ann', 3, 'lost'), kept('a3', 'ann'))).toEqual([named('I1', 'lost', 'a3')])
  })
  it('I1: names what was written in a page that stayed, and never kept', () => {
    expect(withMore(wrote('a3', 'ann', 3, 'lost'))).toEqual([named('I1', 'lost', 'a3')])
  })
  it('I1: expects nothing of a page that was killed before it had kept it, nor of what was taken back', () => {
    expect(withMore(wrote('a3', 'ann', 3, 'unkept', { tab: 'ann.0' }), gone('ann.0', { killed: true }))).toEqual([])
    expect(
      withMore(wrote('a3', 'ann', 3, 'unwanted'), kept('a3', 'ann'), { kind: 'cancelled', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a3' }),
    ).toEqual([])
  })
  it('I1: names what a page that was closed in order had not kept, also when it asked first: words are left to the next page', () => {
    const unkept = wrote('a3', 'ann', 3, 'unkept', { tab: 'ann.0' })
    expect(withMore(unkept, gone('ann.0'))).toEqual([named('I1', 'lost', 'a3')])
    expect(withMore(unkept, gone('ann.0', { asked: true }))).toEqual([named('I1', 'lost', 'a3')])
  })
  it('I1: accepts a refusal that was provoked, and no other', () => {
    const refused: Event = { kind: 'refused', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a3', code: 'E_TOO_BIG' }
    expect(withMore(wrote('a3', 'ann', 3, 'long', { poison: true }), kept('a3', 'ann'), refused)).toEqual([])
    expect(withMore(wrote('a3', 'ann', 3, 'short'), kept('a3', 'ann'), refused)).toEqual([named('I1', 'lost', 'a3')])
  })
  it('I1: names a refusal for nothing, also of what is stored all the same', () => {
    expect(withMore({ kind: 'refused', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2', code: 'E_TOO_BIG' })).toEqual([named('I1', 'lost', 'a2')])
    expect(withMore({ kind: 'refused', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2', code: 'E_NOT_MEMBER' })).toEqual([named('I1', 'lost', 'a2')])
  })
  it('I1: accepts “not a member” of a message that is not stored, once the removal had begun', () => {
    const removing: Event = { kind: 'removing', who: 'ben', conv: 'c' }
    const refused: Event = { kind: 'refused', who: 'ben', tab: 'ben.1', conv: 'c', id: 'b2', code: 'E_NOT_MEMBER' }
    const left: Event = { kind: 'left', who: 'ben', conv: 'c', afterSeq: 3 }
    const waiting = [wrote('b2', 'ben', 2, 'too late'), kept('b2', 'ben')]
    expect(withMore(...waiting, removing, refused, left)).toEqual([])
    expect(withMore(...waiting, refused, removing, left)).toEqual([named('I1', 'lost', 'b2')])
    expect(withMore(removing, { ...refused, id: 'b1' }, left)).toEqual([named('I1', 'lost', 'b1')])
  })
  it('I1: names what was kept of somebody who was removed, and neither stored nor refused in any page of that browser', () => {
    const left: Event[] = [
      { kind: 'removing', who: 'ben', conv: 'c' },
      { kind: 'left', who: 'ben', conv: 'c', afterSeq: 3 },
    ]
    const keptByGone = [wrote('b2', 'ben', 2, 'kept', { tab: 'ben.0' }), kept('b2', 'ben'), gone('ben.0', { killed: true })]
    expect(withMore(...keptByGone, ...left)).toEqual([named('I1', 'lost', 'b2')])
    expect(withMore(...left, ...keptByGone)).toEqual([named('I1', 'lost', 'b2')])
    const refused: Event = { kind: 'refused', who: 'ben', tab: 'ben.1', conv: 'c', id: 'b2', code: 'E_NOT_MEMBER' }
    expect(withMore(...keptByGone, ...left, refused)).toEqual([])
  })

  it('I2: names what is in the log twice, under the same id or another', () => {
    const again = withLog([...LOG, [4, 'a9', 'ann', 'third']])
    expect(again).toContainEqual(named('I2', 'duplicated', 'a9'))
  })
  it('I2: names what a view or a read holds twice', () => {
    expect(
      withMore(
        shown(
          'ben',
          [
            [1, 'a1', null],
            [2, 'b1', 'sent'],
          ],
          { own: [['b1', 'sent', 2]] },
        ),
      ),
    ).toEqual([named('I2', 'duplicated', 'b1')])
    expect(changed((event) => (event.kind === 'read' && event.source === 'cold' ? { ...event, messages: [...LOG, LOG[2]!] } : event))).toEqual([
      named('I2', 'duplicated', 'a2'),
    ])
  })

  it('I3: names a hole in the numbers', () => {
    const holed = withLog([LOG[0]!, LOG[1]!, [4, 'a2', 'ann', 'third']])
    expect(holed).toContainEqual(named('I3', 'reordered', 'a2'))
  })
  it('I3: names a hash that does not follow, and a rev that is not due', () => {
    const log = chained(['m1', 'm2', 'm3'])
    const forged = log.map((row): ChainRow => (row[0] === 2 ? [2, 'new', 'mX', '', row[4], row[5]] : row))
    expect(changed((event) => (event.kind === 'chain' ? { ...event, log: forged } : event))).toEqual([named('I3', 'reordered')])
    expect(changed((event) => (event.kind === 'chain' ? { ...event, log: log.filter(([rev]) => rev !== 2) } : event))).toEqual([
      named('I3', 'reordered'),
    ])
  })

  it('I3: names a conversation whose log nothing proves', () => {
    expect(changed((event) => (event.kind === 'chain' ? undefined : event))).toEqual([named('I3', 'reordered')])
  })
  it('I3: names an edit whose hash is not that of the text that was asked for', () => {
    const log = chained(['m1', 'm2', 'm3'])
    const asked: Event = { kind: 'asked', who: 'ann', tab: 'ann.0', conv: 'c', id: 'a2', op: 'op', what: 'edit', body: 'third!' }
    const linked = (text: string): ChainRow => {
      const hash = createHash('sha256').update(text).digest('hex')
      const link = createHash('sha256').update(Buffer.from(log[2]![5], 'hex')).update(`edit|m3|op|${hash}`)
      return [4, 'edit', 'm3', 'op', hash, link.digest('hex').slice(0, 16)]
    }
    const chainOf = (edit: ChainRow) =>
      judged([
        ...CLEAN.slice(0, 13),
        asked,
        gone('ann.0', { killed: true }),
        ...CLEAN.slice(13).map((event) => (event.kind === 'chain' ? { ...event, log: [...log, edit] } : event)),
      ])
    expect(chainOf(linked('third!'))).toEqual([])
    expect(chainOf(linked('turd!'))).toEqual([named('I3', 'reordered')])
    expect(chainOf([4, 'edit', 'm3', 'op', '', 'ffffffffffffffff'])).toEqual([named('I3', 'reordered')])
  })

  it('I4: names what a view skips without a marker', () => {
    const skipping: StoredRow[] = [
      [1, 'a1', null],
      [3, 'a2', null],
    ]
    expect(withMore(shown('ben', skipping, { tab: 'ben.0' }))).toEqual([named('I4', 'lost', 'b1')])
    const page: Event = { kind: 'page', who: 'ben', tab: 'ben.0', conv: 'c', from: 3 }
    expect(withMore(page, shown('ben', [skipping[0]!, 'gap', skipping[1]!], { tab: 'ben.0' }))).toEqual([])
  })
  it('I4: names what a view skips where no page begins, whatever the view says of it', () => {
    const skipping: StoredRow[] = [[1, 'a1', null], 'gap', [3, 'a2', null]]
    expect(withMore(shown('ben', skipping, { tab: 'ben.0' }))).toEqual([named('I4', 'lost', 'b1')])
  })
  it('I4: names a view in another order than the log', () => {
    expect(
      withMore(
        shown(
          'ben',
          [
            [2, 'b1', 'sent'],
            [1, 'a1', null],
          ],
          { tab: 'ben.0' },
        ),
      ),
    ).toEqual([named('I4', 'reordered', 'a1')])
    expect(withMore(shown('ben', [[1, 'a2', null]], { tab: 'ben.0' }))).toEqual([named('I4', 'reordered', 'a2')])
  })

  it('I5: names what overtook what the same tab wrote before', () => {
    const overtaken = withLog([LOG[2]!, LOG[1]!, LOG[0]!].map(([, id, sender, body], at): ReadRow => [at + 1, id, sender, body]))
    expect(overtaken).toContainEqual(named('I5', 'reordered', 'a2'))
  })
  it('I5: expects no place of what was deleted while it waited', () => {
    const deleted: Event = { kind: 'asked', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a1', op: 'op', what: 'delete' }
    const late: ReadRow[] = [
      [1, 'a2', 'ann', 'third'],
      [2, 'b1', 'ben', 'second'],
      [3, 'a1', 'ann', ''],
    ]
    const isNamed = (...more: Event[]) => withLog(late, ...more).some(({ invariant }) => invariant === 'I5')
    expect(isNamed(deleted)).toBe(false)
    expect(isNamed()).toBe(true)
  })

  it('I5: expects no place of what was taken back in a page that forgot it, and only of that', () => {
    const taken: Event = { kind: 'asked', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a1', op: 'op', what: 'delete' }
    const late: ReadRow[] = [
      [1, 'a2', 'ann', 'third'],
      [2, 'b1', 'ben', 'second'],
      [3, 'a1', 'ann', 'first'],
    ]
    const isNamed = (...more: Event[]) => withLog(late, ...more).some(({ invariant }) => invariant === 'I5')
    expect(isNamed(taken)).toBe(true)
    for (const how of [{ killed: true }, { asked: true }] as const) expect(isNamed(taken, gone('ann.1', how))).toBe(false)
    expect(isNamed(taken, { kind: 'changeKept', tab: 'ann.1', op: 'op' }, gone('ann.1', { killed: true }))).toBe(true)
    expect(isNamed({ ...taken, what: 'edit', body: 'first' }, gone('ann.1', { killed: true }))).toBe(true)
  })

  it('I6: names a ✓ for what is not in the log, or stands elsewhere', () => {
    expect(withMore(acked('a3', 'ann', 4))).toEqual([named('I6', 'lost', 'a3')])
    expect(withMore(acked('a2', 'ann', 2))).toEqual([named('I6', 'reordered', 'a2')])
  })

  it('I7: names an own row that goes back or disappears', () => {
    const sent = shown('ann', [[1, 'a1', 'sent']], { own: [['a2', 'sending', null]] })
    expect(withMore(sent, shown('ann', [[1, 'a1', 'sent']], { own: [['a2', 'queued', null]] }))).toEqual([named('I7', 'unsettled', 'a2')])
    expect(withMore(sent, shown('ann', [[1, 'a1', 'sent']]))).toEqual([named('I7', 'lost', 'a2')])
  })
  it('I7: lets only what still waited disappear when it is to be deleted', () => {
    const deleted: Event = { kind: 'asked', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2', op: 'op', what: 'delete' }
    const isNamed = (status: string) => {
      const before = shown('ann', [[1, 'a1', 'sent']], { own: [['a2', status, null]] })
      return withMore(before, deleted, shown('ann', [[1, 'a1', 'sent']])).some(({ invariant }) => invariant === 'I7')
    }
    expect(isNamed('queued')).toBe(false)
    expect(isNamed('sending')).toBe(true)
  })
  it('I7: names what is shown as failed and is stored', () => {
    const failed = changed((event) =>
      event.kind === 'view' && event.who === 'ann' ? { ...event, rows: event.rows.slice(0, 2), own: [['a2', 'failed', null]] } : event,
    )
    expect(failed).toContainEqual(named('I7', 'duplicated', 'a2'))
  })

  it('I8: names what nobody wrote, in the log and in a view', () => {
    expect(withLog([...LOG, [4, 'x1', 'ben', 'from nowhere']])).toContainEqual(named('I8', 'duplicated', 'x1'))
    expect(withMore(shown('ben', [[4, 'x1', null]], { tab: 'ben.0' }))).toEqual([named('I8', 'duplicated', 'x1')])
    expect(withMore(shown('ben', [], { tab: 'ben.0', own: [['a2', 'queued', null]] }))).toContainEqual(named('I8', 'duplicated', 'a2'))
  })

  it('I8: names what was taken back and stands in the log, unless it is deleted there', () => {
    const cancelled: Event = { kind: 'cancelled', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2' }
    const isNamed = (...more: Event[]) => withMore(cancelled, ...more).some(({ invariant, ids }) => invariant === 'I8' && ids.includes('a2'))
    expect(isNamed()).toBe(true)
    expect(isNamed(gone('ann.1'))).toBe(true)
    expect(isNamed(gone('ann.1', { killed: true }))).toBe(false)
    expect(isNamed(gone('ann.1', { asked: true }))).toBe(false)
    expect(isNamed({ kind: 'cancelKept', tab: 'ann.1', id: 'a2' }, gone('ann.1', { killed: true }))).toBe(true)
    const deleted = withLog(
      LOG.map(([seq, id, who, body]) => [seq, id, who, id === 'a2' ? '' : body]),
      cancelled,
    )
    expect(deleted.filter(({ invariant }) => invariant === 'I8')).toEqual([])
  })

  it('I8: names what was taken back by somebody who was removed later, unless they were told that it could not be deleted any more', () => {
    const cancelled: Event = { kind: 'cancelled', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2' }
    const left: Event[] = [
      { kind: 'removing', who: 'ann', conv: 'c' },
      { kind: 'left', who: 'ann', conv: 'c', afterSeq: 3 },
    ]
    const told: Event = { kind: 'declined', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2', op: 'own', code: 'E_NOT_MEMBER' }
    expect(withMore(cancelled, ...left)).toContainEqual(named('I8', 'duplicated', 'a2'))
    expect(withMore(cancelled, ...left, told)).toEqual([])
    const reacted: Event = { kind: 'asked', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2', op: 'own', what: 'react', emoji: '👍' }
    expect(withMore(reacted, cancelled, ...left, told)).toContainEqual(named('I8', 'duplicated', 'a2'))
  })

  it('I9: calls a message that is still on its way unsettled, not lost', () => {
    const waiting: Event = { kind: 'unsettled', who: 'ann', tab: 'ann.1', says: 'the outbox is not empty', ids: ['a3'] }
    expect(withMore(wrote('a3', 'ann', 3, 'late'), kept('a3', 'ann'), waiting)).toEqual([named('I9', 'unsettled', 'a3')])
  })
  it('I9: names what never came to rest', () => {
    expect(withMore({ kind: 'unsettled', who: 'ann', tab: 'ann.1', says: 'the outbox is not empty', ids: ['a2'] })).toEqual([
      named('I9', 'unsettled', 'a2'),
    ])
    expect(changed((event) => (event.kind === 'settled' ? undefined : event))).toEqual([named('I9', 'unsettled')])
    expect(changed((event) => (event.kind === 'read' && event.source === 'db' ? undefined : event))).toEqual([named('I9', 'unsettled')])
  })

  it('I10: names what a member does not see at the end, and a member who sees nothing', () => {
    const unseen = changed((event) => (event.kind === 'view' && event.who === 'ben' ? { ...event, rows: event.rows.slice(0, 2) } : event))
    expect(unseen).toEqual([named('I10', 'lost', 'a2')])
    expect(changed((event) => (event.kind === 'view' && event.who === 'ben' ? undefined : event))).toEqual([named('I10', 'unsettled')])
  })
  it('I10: names what is missing between two rows at the end, marked or not', () => {
    const page: Event = { kind: 'page', who: 'ben', tab: 'ben.1', conv: 'c', from: 3 }
    const holed: StoredRow[] = [[1, 'a1', null], 'gap', [3, 'a2', null]]
    const events = CLEAN.map((event) => (event.kind === 'view' && event.who === 'ben' ? { ...event, rows: holed } : event))
    expect(judged([page, ...events])).toEqual([named('I10', 'lost', 'b1')])
    expect(changed((event) => (event.kind === 'view' && event.who === 'ben' ? { ...event, rows: [] } : event))).toEqual([
      named('I10', 'lost', 'a1', 'b1', 'a2'),
    ])
  })
  it('I10: wants as many rows at the end as a client loads by itself; those above them are reached by scrolling', () => {
    const long = Array.from({ length: 30 }, (_, at): ReadRow => [at + 1, `m${at + 1}`, 'ann', `text ${at + 1}`])
    const ending = (from: number) => {
      const [open, end] = [CLEAN.slice(0, 4), CLEAN.slice(13)]
      const words = long.flatMap(([seq, id, who, body]) => [wrote(id, who, seq, body), kept(id, who), acked(id, who, seq)])
      const rows = (who: string) => long.slice(from - 1).map(([seq, id]): StoredRow => [seq, id, who === 'ann' ? 'sent' : null])
      return judged([
        ...open,
        ...words,
        ...end.map((event) =>
          event.kind === 'view'
            ? { ...event, rows: rows(event.who), marks: {} }
            : event.kind === 'read'
              ? { ...event, messages: long }
              : event.kind === 'chain'
                ? { ...event, log: chained(long.map(([, id]) => id)) }
                : event,
        ),
      ])
    }
    expect(ending(1)).toEqual([])
    expect(ending(11)).toEqual([])
    expect(ending(12)).toEqual([named('I10', 'lost', 'm11'), named('I10', 'lost', 'm11')])
    const lastOnly = expect.objectContaining({ invariant: 'I10', ids: long.slice(10, 29).map(([, id]) => id) }) as unknown
    expect(ending(30)).toEqual([lastOnly, lastOnly])
  })
  it('I10: names an open tab that says nothing at the end, or whose last word is old', () => {
    const second: Event[] = [{ kind: 'opened', who: 'ben', tab: 'ben.2' }]
    const ofSecond = read('live', LOG, 'ben.2')
    expect(judged([...second, ...CLEAN, ofSecond])).toEqual([named('I10', 'unsettled')])
    const old = shown('ben', [[1, 'a1', null]], { tab: 'ben.2' })
    expect(judged([...second, old, ...CLEAN, ofSecond])).toEqual([named('I10', 'unsettled')])
    expect(judged([...second, { ...old, final: true } as Event, ...CLEAN, ofSecond])).toEqual([named('I10', 'unsettled')])
    expect(judged([...second, gone('ben.2'), ...CLEAN])).toEqual([])
  })

  it('I11: names what was shown to somebody who had left', () => {
    const left: Event = { kind: 'left', who: 'ben', conv: 'c', afterSeq: 2 }
    expect(withMore(left)).toEqual([named('I11', 'unsettled', 'a2')])
  })

  it('I12: names marks that go back, overtake each other or run ahead of the log', () => {
    const marks = (delivered: number, seen: number, tab = 'ben.0') => shown('ben', [], { tab, marks: { ann: [delivered, seen] } })
    expect(withMore(marks(3, 2), marks(2, 2))).toEqual([named('I12', 'reordered')])
    expect(withMore(marks(1, 2))).toEqual([named('I12', 'reordered')])
    expect(withMore(marks(4, 1))).toEqual([named('I12', 'reordered')])
    expect(withMore(marks(1, 1), marks(3, 2))).toEqual([])
  })

  it('I13: names what one of the reads does not hold, holds too much, or holds otherwise', () => {
    const reading = (source: ReadSource, messages: ReadRow[]) =>
      changed((event) => (event.kind === 'read' && event.source === source ? { ...event, messages } : event))
    expect(reading('http', LOG.slice(0, 2))).toEqual([named('I13', 'lost', 'a2')])
    expect(reading('live', [...LOG, [4, 'x1', 'ben', 'more']])).toContainEqual(named('I13', 'duplicated', 'x1'))
    expect(reading('cold', [LOG[0]!, LOG[1]!, [3, 'a2', 'ann', 'other words']])).toEqual([named('I13', 'reordered', 'a2')])
  })
  it('I13: calls unsettled, not lost, what a read did not reach in time', () => {
    const half = changed((event) =>
      event.kind === 'read' && event.source === 'cold' ? { ...event, messages: LOG.slice(1), partial: true as const } : event,
    )
    expect(half).toEqual([named('I13', 'unsettled')])
  })
  it('I13: wants every open tab to be read', () => {
    expect(changed((event) => (event.kind === 'read' && event.tab === 'ben.1' ? undefined : event))).toEqual([named('I13', 'unsettled')])
  })
  it('I13: wants all the reads that were promised', () => {
    expect(changed((event) => (event.kind === 'read' && event.source === 'cold' ? undefined : event))).toEqual([named('I13', 'unsettled')])
  })

  it('counts each message once, however often it is named', () => {
    const violations = withMore(wrote('a3', 'ann', 3, 'lost'), kept('a3', 'ann'), acked('a3', 'ann', 4))
    expect(violations.map(({ invariant }) => invariant)).toEqual(['I1', 'I6'])
    expect(totalsOf(violations)).toEqual({ lost: 1, duplicated: 0, reordered: 0, unsettled: 0 })
  })
})

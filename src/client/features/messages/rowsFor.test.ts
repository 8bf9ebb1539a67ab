import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutboxState, OwnOperation } from '#client/live/facts.ts'
import type { OperationId, PictureId } from '#protocol/ids.ts'
import type { LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { ann, ben, cem, clientId, DAY_MS, heard, joined, messageId, MINUTE_MS, NOON, says, saysFrom, waiting } from '#testing/clientBuilders.ts'
import type { Change } from './changesSlice.ts'
import { isUnconfirmed, rowsFor, type MessageRow, type Row, type RowsInput } from './rowsFor.ts'
import { afterEvents, afterHistory, EMPTY, type Timeline } from './timeline.ts'

const holding = (messages: ChatMessage[], notes: LogEvent[] = []): Timeline =>
  afterEvents(afterHistory(EMPTY, { messages, notes: [], start: false }), notes, { rev: 1, seq: messages.at(-1)?.seq ?? 0 })

const input = (more: Partial<RowsInput> = {}): RowsInput => ({
  timeline: EMPTY,
  isStart: false,
  outbox: [],
  changes: [],
  me: ann,
  people: {},
  reached: null,
  divider: null,
  skewMs: 0,
  ...more,
})

/** The list in short: bodies, and markers in brackets. */
const lines = (rows: readonly Row[]) =>
  rows.map((row) => {
    switch (row.kind) {
      case 'message':
        return row.body
      case 'day':
        return '[day]'
      case 'note':
        return `[${row.text}]`
      case 'gap':
        return `[gap of ${row.beforeSeq - row.afterSeq - 1} before ${row.beforeSeq}]`
      case 'divider':
        return `[${row.count} new]`
    }
  })
const messagesIn = (rows: readonly Row[]) => rows.filter((row): row is MessageRow => row.kind === 'message')
const statuses = (rows: readonly Row[]) => messagesIn(rows).map((row) => `${row.status ?? '–'}${row.showLabel ? ' *' : ''}`)

describe('the rows of a conversation', () => {
  it('are what is stored in the order of the server, then what is not yet, in written order', () => {
    const rows = rowsFor(input({ timeline: holding(saysFrom(1, 2)), outbox: [waiting(12), waiting(11)] }))
    expect(lines(rows)).toEqual(['[day]', 'message 1', 'message 2', 'message 12', 'message 11'])
  })

  it('never draw two strangers as neighbours', () => {
    const rows = rowsFor(input({ timeline: holding([...saysFrom(1, 2), ...saysFrom(9, 10)]) }))
    expect(lines(rows)).toEqual(['[day]', 'message 1', 'message 2', '[gap of 6 before 9]', 'message 9', 'message 10'])
    expect(rows.find((row) => row.kind === 'gap')).toMatchObject({ beforeSeq: 9 })
  })

  it('never draw two strangers as neighbours, whatever is held', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }), (seqs) => {
        const rows = rowsFor(input({ timeline: holding(seqs.map((seq) => says(seq))) }))
        const shown = rows.filter((row) => row.kind === 'message' || row.kind === 'gap')
        shown.forEach((row, at) => {
          const next = shown[at + 1]
          if (row.kind === 'message' && next?.kind === 'message') expect(next.seq).toBe(row.seq! + 1)
        })
        expect(messagesIn(rows).map((row) => row.seq)).toEqual([...seqs].sort((a, b) => a - b))
      }),
    )
  })

  it('have keys of their own, whatever is held and waiting', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 30 })), fc.uniqueArray(fc.integer({ min: 1, max: 30 })), (seqs, unsent) => {
        const timeline = holding(seqs.map((seq) => says(seq, seq % 2 ? ann : ben, { at: NOON + ((seq * 7) % 5) * DAY_MS })))
        const keys = rowsFor(input({ timeline, outbox: unsent.map((n) => waiting(n)), divider: { afterSeq: 3, count: 2 } })).map((row) => row.key)
        expect(new Set(keys).size).toBe(keys.length)
      }),
    )
  })

  it('stand under their day, and a clock set back brings no day twice', () => {
    const at = [0, DAY_MS, 0, DAY_MS].map((offset, n) => says(n + 1, ben, { at: NOON + offset }))
    expect(lines(rowsFor(input({ timeline: holding(at) })))).toEqual(['[day]', 'message 1', '[day]', 'message 2', 'message 3', 'message 4'])
  })

  it('stand together by author within 5 minutes, and not across a day, a divider, a gap or a note', () => {
    const starts = (rows: readonly Row[]) => messagesIn(rows).map((row) => row.groupStart)
    const quick = (seq: number, minutes: number, sender = ben) => says(seq, sender, { at: NOON + minutes * MINUTE_MS })
    expect(starts(rowsFor(input({ timeline: holding([quick(1, 0), quick(2, 5), quick(3, 11), quick(4, 12, cem)]) })))).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect(starts(rowsFor(input({ timeline: holding(saysFrom(1, 3)), divider: { afterSeq: 2, count: 1 } })))).toEqual([true, false, true])
    expect(starts(rowsFor(input({ timeline: holding([says(1), says(3)]) })))).toEqual([true, true])
    expect(starts(rowsFor(input({ timeline: holding(saysFrom(1, 2), [joined(cem, 9, 1)]) })))).toEqual([true, true])
  })

  it('put the divider above the first message that was missed', () => {
    const divided = (afterSeq: number, seqs: number[]) =>
      lines(rowsFor(input({ timeline: holding(seqs.map((seq) => says(seq))), divider: { afterSeq, count: 3 } })))
    expect(divided(2, [1, 2, 3, 4])).toEqual(['[day]', 'message 1', 'message 2', '[3 new]', 'message 3', 'message 4'])
    expect(divided(2, [1, 2, 9])).toEqual(['[day]', 'message 1', 'message 2', '[3 new]', '[gap of 6 before 9]', 'message 9'])
    expect(divided(2, [1, 2])).toEqual(['[day]', 'message 1', 'message 2'])
  })

  it('put a note after the message it follows, and hold it back while that is not loaded', () => {
    const notes = [joined(cem, 3, 0), joined(ben, 8, 2), joined(ann, 9, 5)]
    const held = [...saysFrom(1, 3), ...saysFrom(8, 8)]
    expect(lines(rowsFor(input({ timeline: holding(held, notes), isStart: true })))).toEqual([
      '[day]',
      '[Cem joined]',
      'message 1',
      'message 2',
      '[Ben joined]',
      'message 3',
      '[gap of 4 before 8]',
      'message 8',
    ])
    expect(lines(rowsFor(input({ timeline: holding(held, notes) })))[1]).toBe('message 1')
  })

  it('put many joins into one line', () => {
    const notes = ['dan', 'eva', 'fay', 'gil'].map((name, at) => joined(name as typeof ann, 10 + at, 1))
    expect(lines(rowsFor(input({ timeline: holding(saysFrom(1, 1), notes) })))).toEqual(['[day]', 'message 1', '[Dan, Eva and 2 others joined]'])
  })
})

describe('the status of own rows', () => {
  const own = (state: OutboxState) => messagesIn(rowsFor(input({ outbox: [waiting(1, state)] })))[0]!

  it.each<[string, OutboxState]>([
    ['saving', { name: 'saving' }],
    ['queued', { name: 'queued', memory: false }],
    ['sending', { name: 'sending', since: NOON, memory: false }],
    ['sent', { name: 'stored', id: messageId(1), seq: 1, at: NOON }],
    ['failed', { name: 'refused', code: 'E_TOO_BIG' }],
  ])('is %s', (status, state) => {
    expect(own(state).status).toBe(status)
  })

  it.each([
    [null, 'sent'],
    [{ delivered: 4, read: 3 }, 'sent'],
    [{ delivered: 5, read: 3 }, 'delivered'],
    [{ delivered: 5, read: 5 }, 'read'],
    [{ delivered: 9, read: 9 }, 'read'],
  ])('once stored follows how far all others got: %j → %s', (reached, status) => {
    expect(statuses(rowsFor(input({ timeline: holding([says(5, ann)]), reached })))).toEqual([`${status} *`])
  })

  it('is not shown on the rows of others', () => {
    expect(statuses(rowsFor(input({ timeline: holding([says(1, ben)]), reached: { delivered: 9, read: 9 } })))).toEqual(['–'])
  })

  it('stands in words on the last row of each run, and on every row that failed', () => {
    const rows = rowsFor(
      input({
        timeline: holding([says(1, ann), says(2, ben), says(3, ann), says(4, ann), says(5, ann)]),
        reached: { delivered: 4, read: 3 },
        outbox: [waiting(6, { name: 'refused', code: 'E_INVALID' }), waiting(7, { name: 'refused', code: 'E_INVALID' }), waiting(8), waiting(9)],
      }),
    )
    expect(statuses(rows)).toEqual(['read', '–', 'read *', 'delivered *', 'sent *', 'failed *', 'failed *', 'queued', 'queued *'])
  })

  it('says why a message was refused', () => {
    expect(own({ name: 'refused', code: 'E_NOT_MEMBER' }).refusal).toBe('E_NOT_MEMBER')
  })

  it('is "not confirmed yet" 10 s after it was sent without an answer, and never once there is one', () => {
    const sending = own({ name: 'sending', since: NOON, memory: false })
    expect([isUnconfirmed(sending, NOON + 9_999), isUnconfirmed(sending, NOON + 10_000)]).toEqual([false, true])
    expect(isUnconfirmed(own({ name: 'stored', id: messageId(1), seq: 1, at: NOON }), NOON + DAY_MS)).toBe(false)
  })
})

describe('a row', () => {
  it('keeps its key and its place from Enter to the log', () => {
    const before = saysFrom(1, 2)
    const stages = [
      input({ timeline: holding(before), outbox: [waiting(3, { name: 'saving' })] }),
      input({ timeline: holding(before), outbox: [waiting(3, { name: 'sending', since: NOON, memory: false })] }),
      input({ timeline: holding(before), outbox: [waiting(3, { name: 'stored', id: messageId(3), seq: 3, at: NOON })] }),
      input({ timeline: holding([...before, says(3, ann)]), outbox: [waiting(3, { name: 'stored', id: messageId(3), seq: 3, at: NOON })] }),
      input({ timeline: holding([...before, says(3, ann)]) }),
    ].map((stage) => rowsFor(stage))
    for (const rows of stages) expect(rows.map((row) => row.key)).toEqual(stages[0]!.map((row) => row.key))
    expect(stages[0]!.at(-1)!.key).toBe(clientId(3))
  })

  it('stays the same object while it says the same, and so does the list', () => {
    const first = input({ timeline: holding(saysFrom(1, 5)), outbox: [waiting(9)] })
    const rows = rowsFor(first)
    expect(rowsFor(input({ ...first, timeline: holding(saysFrom(1, 5)), outbox: [waiting(9)] }), rows)).toBe(rows)

    const more = rowsFor(input({ ...first, timeline: holding(saysFrom(1, 6)) }), rows)
    expect(more).not.toBe(rows)
    expect(more.filter((row) => rows.includes(row)).map((row) => row.key)).toEqual(rows.map((row) => row.key))
  })

  it('changes when its label moves on, and only then', () => {
    const first = rowsFor(input({ outbox: [waiting(1), waiting(2)] }))
    const second = rowsFor(input({ outbox: [waiting(1), waiting(2), waiting(3)] }), first)
    expect(second[1]).toBe(first[1])
    expect(second[2]).not.toBe(first[2])
    expect(statuses(second)).toEqual(['queued', 'queued', 'queued *'])
  })

  it('carries the name and the picture people have now', () => {
    const picture = '00000000-0000-7000-8000-000000000001' as PictureId
    const people = { [ben]: { id: ben, name: 'Benedikt', isGuest: true, picture } }
    expect(messagesIn(rowsFor(input({ timeline: holding([says(1, ben)]), people })))[0]).toMatchObject({ senderName: 'Benedikt', picture })
  })

  it('is mine by user id, and another writer with my client id stays another row', () => {
    const rows = messagesIn(rowsFor(input({ timeline: holding([says(1, ben, { clientId: clientId(9) })]), outbox: [waiting(9)] })))
    expect(rows.map((row) => row.mine)).toEqual([false, true])
    expect(rows[0]!.key).not.toBe(rows[1]!.key)
  })

  it('shows the server’s time before the server has it, even when the clock here is 2 h ahead', () => {
    const rows = rowsFor(input({ outbox: [waiting(1, undefined, { sentAt: NOON + 120 * MINUTE_MS })], skewMs: -120 * MINUTE_MS }))
    expect(messagesIn(rows)[0]!.at).toBe(NOON)
  })

  it('says that it was edited or deleted', () => {
    const events: LogEvent[] = [
      heard(says(1)),
      { ...heard(says(2)), message: says(2, ben, { editedAt: NOON }) },
      { ...heard(says(3)), message: says(3, ben, { editedAt: NOON, deletedAt: NOON, body: '' }) },
    ]
    const rows = messagesIn(rowsFor(input({ timeline: afterEvents(EMPTY, events, { rev: 3, seq: 3 }) })))
    expect(rows.map((row) => [row.edited, row.deleted])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ])
  })
})

describe('changes that the log does not show yet', () => {
  const opId = (n: number) => `0f000000-0000-7000-8000-${String(n).padStart(12, '0')}` as OperationId
  const change = (n: number, what: Pick<OwnOperation, 'kind'> & { body?: string; emoji?: string }, seq = 1, sender = ann): Change => ({
    name: 'waiting',
    notBefore: undefined,
    operation: { opId: opId(n), target: { clientId: clientId(seq), sender }, ...what } as OwnOperation,
  })
  const timeline = holding([says(1, ann), says(2, ben, { reactions: { '👍': [ben] } })])
  const shown = (...changes: Change[]) =>
    messagesIn(rowsFor(input({ timeline, changes }))).map(({ body, edited, deleted, reactions, changing }) => ({
      body,
      edited,
      deleted,
      reactions,
      changing,
    }))

  it('are shown in the order they were made', () => {
    const [mine] = shown(change(1, { kind: 'edit', body: 'first' }), change(2, { kind: 'edit', body: 'second' }))
    expect(mine).toEqual({ body: 'second', edited: true, deleted: false, reactions: null, changing: 'edit' })
  })

  it('take away what is deleted, and nothing brings it back', () => {
    const [mine] = shown(change(1, { kind: 'delete' }), change(2, { kind: 'edit', body: 'too late' }))
    expect(mine).toEqual({ body: '', edited: false, deleted: true, reactions: null, changing: 'delete' })
  })

  it('add and take away one’s own reaction alone', () => {
    expect(shown(change(1, { kind: 'react', emoji: '👍' }, 2, ben))[1]!.reactions).toEqual({ '👍': [ben, ann] })
    expect(shown(change(1, { kind: 'react', emoji: '👍' }, 2, ben), change(2, { kind: 'unreact', emoji: '👍' }, 2, ben))[1]!.reactions).toEqual({
      '👍': [ben],
    })
  })

  it('are of one writer’s message, though another used the same id', () => {
    expect(shown(change(1, { kind: 'edit', body: 'mine' }, 2, ann)).map(({ body }) => body)).toEqual(['message 1', 'message 2'])
  })

  it('are the log’s own affair once it is that far', () => {
    const made: Change = { name: 'made', operation: change(1, { kind: 'edit', body: 'changed' }).operation, rev: 1 }
    expect(shown(made)[0]!.body).toBe('message 1')
    expect(shown({ ...made, rev: 2 })[0]!.body).toBe('changed')
  })

  it('are shown on a message that is still on its way', () => {
    const rows = rowsFor(
      input({ outbox: [waiting(5, { name: 'sending', since: 0, memory: false })], changes: [change(1, { kind: 'edit', body: 'better' }, 5)] }),
    )
    expect(messagesIn(rows)[0]).toMatchObject({ body: 'better', edited: true, status: 'sending' })
  })
})

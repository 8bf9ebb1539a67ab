import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chained, CLEAN, judged, LOG, named, type Event } from './cleanHistory.ts'
import type { ChainRow, ChangeRow, EventOf, ReadRow } from './history.ts'

const asked = (op: string, id: string, what: EventOf<'asked'>['what'], more: Partial<EventOf<'asked'>> = {}): Event => ({
  kind: 'asked',
  who: 'ann',
  tab: 'ann.1',
  conv: 'c',
  id,
  op,
  what,
  ...more,
})
const edit = (op: string, body: string, more: Partial<EventOf<'asked'>> = {}) => asked(op, 'a2', 'edit', { body, ...more })
const declined = (op: string, code: string): Event => ({ kind: 'declined', who: 'ann', tab: 'ann.1', conv: 'c', id: 'a2', op, code })
const made = (rev: number, kind: string, id: string, op: string, emoji = '', actor = 'ann'): ChangeRow => {
  const messageRev = LOG.findIndex((row) => row[1] === id) + 1
  return [rev, kind, id, op, actor, emoji, messageRev]
}

/** The clean history, in which people ask for more, and which ends with these changes in the log and these messages. */
function ending(more: Event[], log: ChangeRow[], change: Record<string, [body: string, state: string]> = {}) {
  const rows = LOG.map(([seq, id, who, body]): ReadRow => [seq, id, who, change[id]?.[0] ?? body, change[id]?.[1] ?? ''])
  const texts = new Map(more.flatMap((event) => (event.kind === 'asked' ? [[event.op, event.body ?? '']] : [])))
  const chain = chained(['m1', 'm2', 'm3'])
  for (const [, kind, id, op] of log) {
    const hash =
      kind === 'edit'
        ? createHash('sha256')
            .update(texts.get(op) ?? '')
            .digest('hex')
        : ''
    const link = createHash('sha256')
      .update(Buffer.from(chain.at(-1)![5], 'hex'))
      .update(`${kind}|${id}|${op}|${hash}`)
    chain.push([chain.length + 1, kind, id, op, kind === 'edit' ? hash : '', link.digest('hex').slice(0, 16)] satisfies ChainRow)
  }
  const rest = CLEAN.slice(13).map((event) =>
    event.kind === 'read' ? { ...event, messages: rows } : event.kind === 'chain' ? { ...event, log: chain } : event,
  )
  return judged([...CLEAN.slice(0, 13), ...more, ...rest, { kind: 'changes', conv: 'c', log }])
}

describe('changes to messages', () => {
  it('that were made once, in order, as asked for, are nothing to speak of', () => {
    expect(ending([edit('o1', 'third!')], [made(4, 'edit', 'a2', 'o1')], { a2: ['third!', 'edited'] })).toEqual([])
    expect(ending([asked('o1', 'a2', 'delete')], [made(4, 'delete', 'a2', 'o1')], { a2: ['', 'deleted'] })).toEqual([])
    expect(ending([asked('o1', 'b1', 'react', { emoji: '👍' })], [made(4, 'react', 'b1', 'o1', '👍')], { b1: ['second', ';👍:ann'] })).toEqual([])
  })
  it('that were made where the message waited leave no trace but the last text', () => {
    expect(ending([edit('o1', 'third?'), edit('o2', 'third!')], [], { a2: ['third!', ''] })).toEqual([])
  })

  it('I1: are refused for a reason only', () => {
    expect(ending([edit('o1', 'third!'), declined('o1', 'E_FORBIDDEN')], [])).toEqual([named('I1', 'lost', 'a2')])
    const gone = [asked('o1', 'a2', 'delete'), edit('o2', 'third!'), declined('o2', 'E_NOT_FOUND')]
    expect(ending(gone, [made(4, 'delete', 'a2', 'o1')], { a2: ['', 'deleted'] })).toEqual([])
  })
  it('I2: are made once', () => {
    const twice = [made(4, 'edit', 'a2', 'o1'), made(5, 'edit', 'a2', 'o1')]
    expect(ending([edit('o1', 'third!')], twice, { a2: ['third!', 'edited'] })).toEqual([named('I2', 'duplicated', 'a2')])
  })
  it('I5: stand behind their message, and in the order one tab asked for them', () => {
    const early: ChangeRow = [4, 'edit', 'a2', 'o1', 'ann', '', 5]
    expect(ending([edit('o1', 'third!')], [early], { a2: ['third!', 'edited'] })).toEqual([named('I5', 'reordered', 'a2')])
    const crossed = [made(4, 'edit', 'a2', 'o2'), made(5, 'edit', 'a2', 'o1')]
    expect(ending([edit('o1', 'third?'), edit('o2', 'third!')], crossed, { a2: ['third!', 'edited'] })).toEqual([named('I5', 'reordered', 'a2')])
  })
  it('I6: are made when they were told as made', () => {
    const applied: Event = { kind: 'applied', who: 'ann', tab: 'ann.0', conv: 'c', op: 'o1' }
    const closed: Event = { kind: 'closed', who: 'ann', tab: 'ann.0' }
    expect(ending([edit('o1', 'third!', { tab: 'ann.0' }), applied, closed], [])).toEqual([named('I6', 'lost', 'a2')])
  })
  it('I7: are not told as refused when they were made', () => {
    const told = ending([edit('o1', 'third!'), declined('o1', 'E_NOT_MEMBER')], [made(4, 'edit', 'a2', 'o1')], { a2: ['third!', 'edited'] })
    expect(told).toContainEqual(named('I7', 'duplicated', 'a2'))
  })
  it('I8: are made only when somebody asked for them, by whoever did', () => {
    expect(ending([], [made(4, 'delete', 'a2', 'o1')])).toEqual([named('I8', 'duplicated', 'a2')])
    const foreign = ending([asked('o1', 'b1', 'react', { emoji: '👍' })], [made(4, 'react', 'b1', 'o1', '👍', 'ben')], { b1: ['second', ';👍:ann'] })
    expect(foreign).toEqual([named('I8', 'duplicated', 'b1')])
    expect(ending([], [], { b1: ['second', ';👍:ann'] })).toEqual([named('I8', 'duplicated', 'b1')])
    expect(ending([], [], { a2: ['third', 'deleted'] })).toEqual([named('I8', 'lost', 'a2')])
  })
  it('I8: stand as they were asked for last', () => {
    expect(ending([edit('o1', 'third!')], [])).toEqual([named('I8', 'lost', 'a2')])
    const both = [made(4, 'edit', 'a2', 'o1'), made(5, 'edit', 'a2', 'o2')]
    expect(ending([edit('o1', 'third?'), edit('o2', 'third!')], both, { a2: ['third?', 'edited'] })).toEqual([named('I8', 'lost', 'a2')])
    expect(ending([asked('o1', 'a2', 'delete')], [])).toEqual([named('I8', 'lost', 'a2')])
    const thumb = { emoji: '👍' }
    expect(ending([asked('o1', 'b1', 'react', thumb)], [])).toEqual([named('I8', 'lost', 'b1')])
    const undone = [asked('o1', 'b1', 'react', thumb), asked('o2', 'b1', 'unreact', thumb)]
    expect(ending(undone, [made(4, 'react', 'b1', 'o1', '👍')], { b1: ['second', ';👍:ann'] })).toEqual([named('I8', 'lost', 'b1')])
  })
  it('I8: need not come true when their page went before they were kept, and must when it went after', () => {
    const closed: Event = { kind: 'closed', who: 'ann', tab: 'ann.0', killed: true }
    expect(ending([edit('o1', 'third!', { tab: 'ann.0' }), closed], [])).toEqual([])
    const kept: Event = { kind: 'changeKept', tab: 'ann.0', op: 'o1' }
    expect(ending([edit('o1', 'third!', { tab: 'ann.0' }), kept, closed], [])).toEqual([named('I8', 'lost', 'a2')])
  })
  it('I13: are read alike everywhere', () => {
    const events = CLEAN.map((event) =>
      event.kind === 'read'
        ? {
            ...event,
            messages: LOG.map(([seq, id, who, body]): ReadRow => [seq, id, who, body, event.source === 'cold' && id === 'b1' ? ';👍:ann' : '']),
          }
        : event,
    )
    expect(judged(events)).toEqual([named('I13', 'reordered', 'b1')])
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chained, CLEAN, gone, judged, LOG, named, type Event } from './cleanHistory.ts'
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
const applied = (op: string, rev: number): Event => ({ kind: 'applied', who: 'ann', tab: 'ann.0', conv: 'c', op, rev })
const thumb = { emoji: '👍' }
/** A page that is killed before it is said of anything that it was kept. */
const short = { tab: 'ann.0' }
const killed = gone('ann.0', { killed: true })
const made = (rev: number, kind: string, id: string, op: string, emoji = '', actor = 'ann'): ChangeRow => {
  const messageRev = LOG.findIndex((row) => row[1] === id) + 1
  return [rev, kind, id, op, actor, emoji, messageRev]
}

/** The clean history, in which people ask for more, and which ends with these changes in the log and these messages. */
function ending(more: Event[], log: ChangeRow[], change: Record<string, [body: string, state: string]> = {}) {
  const rows = LOG.map(([seq, id, who, body]): ReadRow => [seq, id, who, change[id]?.[0] ?? body, change[id]?.[1] ?? ''])
  const texts = new Map(more.flatMap((event) => (event.kind === 'asked' ? [[event.op, event.body ?? '']] : [])))
  const chain = chained(['m1', 'm2', 'm3'])
  for (const [, kind, , op, , , messageRev] of log) {
    const id = `m${messageRev}`
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

  it('I8: are deleted under another name than they were asked to be, where somebody of theirs had sent the message meanwhile', () => {
    const deleted = [made(4, 'delete', 'a2', 'own')]
    expect(ending([asked('o1', 'a2', 'delete')], deleted, { a2: ['', 'deleted'] })).toEqual([])
    const byBen = [made(4, 'delete', 'a2', 'own', '', 'ben')]
    expect(ending([asked('o1', 'a2', 'delete')], byBen, { a2: ['', 'deleted'] })).toContainEqual(named('I8', 'duplicated', 'a2'))
    const edited = [made(4, 'edit', 'a2', 'own')]
    expect(ending([asked('o1', 'a2', 'delete')], edited)).toContainEqual(named('I8', 'duplicated', 'a2'))
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
    expect(ending([edit('o1', 'third!', short), applied('o1', 4), killed], [])).toEqual([named('I6', 'lost', 'a2')])
    expect(ending([asked('o1', 'a2', 'delete', short), applied('o1', 3), killed], [])).toEqual([named('I6', 'lost', 'a2')])
    expect(ending([asked('o1', 'b1', 'react', { ...thumb, ...short }), applied('o1', 2), killed], [])).toEqual([named('I6', 'lost', 'b1')])
    const stands = [asked('o1', 'b1', 'react', thumb), asked('o2', 'b1', 'unreact', { ...thumb, ...short }), applied('o2', 4), killed]
    expect(ending(stands, [made(4, 'react', 'b1', 'o1', '👍')], { b1: ['second', ';👍:ann'] })).toEqual([named('I6', 'lost', 'b1')])
    const noMessage = [asked('o1', 'x1', 'react', { ...thumb, ...short }), applied('o1', 2), killed]
    expect(ending(noMessage, [])).toEqual([named('I6', 'lost', 'x1')])
  })
  it('I6: may have been made before by another change, as far as the log had come when they were told as made', () => {
    const twice = [asked('o1', 'b1', 'react', thumb), asked('o2', 'b1', 'react', { ...thumb, ...short }), applied('o2', 4)]
    const undone = [asked('o3', 'b1', 'unreact', thumb), asked('o4', 'b1', 'unreact', { ...thumb, ...short }), applied('o4', 5), killed]
    const log = [made(4, 'react', 'b1', 'o1', '👍'), made(5, 'unreact', 'b1', 'o3', '👍')]
    expect(ending([...twice, ...undone], log)).toEqual([])
    expect(
      ending(
        [...twice, ...undone].map((event) => (event.kind === 'applied' && event.op === 'o2' ? { ...event, rev: 5 } : event)),
        log,
      ),
    ).toEqual([named('I6', 'lost', 'b1')])
    const gone = [asked('o1', 'a2', 'delete'), asked('o2', 'a2', 'delete', short), applied('o2', 4), killed]
    expect(ending(gone, [made(4, 'delete', 'a2', 'o1')], { a2: ['', 'deleted'] })).toEqual([])
    const retold = (text: string) => [edit('o1', text, short), applied('o1', 3), killed, edit('o2', 'third!')]
    const change = [made(4, 'edit', 'a2', 'o2')]
    expect(ending(retold('third'), change, { a2: ['third!', 'edited'] })).toEqual([])
    expect(ending(retold('third?'), change, { a2: ['third!', 'edited'] })).toEqual([named('I6', 'lost', 'a2')])
  })
  it('I6: are not made by the reaction of somebody else, by another reaction, or by a text that has been edited since', () => {
    const told = [asked('o1', 'b1', 'react', { ...thumb, ...short }), applied('o1', 4), killed]
    const others = [asked('o2', 'b1', 'react', { ...thumb, who: 'ben', tab: 'ben.1' })]
    const byBen = [made(4, 'react', 'b1', 'o2', '👍', 'ben')]
    expect(ending([...told, ...others], byBen, { b1: ['second', ';👍:ben'] })).toEqual([named('I6', 'lost', 'b1')])
    const heart = [asked('o2', 'b1', 'react', { emoji: '❤️' })]
    expect(ending([...told, ...heart], [made(4, 'react', 'b1', 'o2', '❤️')], { b1: ['second', ';❤️:ann'] })).toEqual([named('I6', 'lost', 'b1')])
    const again = [edit('o1', 'third?'), edit('o2', 'third', short), applied('o2', 4), killed]
    expect(ending(again, [made(4, 'edit', 'a2', 'o1')], { a2: ['third?', 'edited'] })).toEqual([named('I6', 'lost', 'a2')])
  })
  it('I6: stand where they were told to stand', () => {
    const log = [made(4, 'edit', 'a2', 'o1')]
    expect(ending([edit('o1', 'third!'), applied('o1', 4)], log, { a2: ['third!', 'edited'] })).toEqual([])
    expect(ending([edit('o1', 'third!'), applied('o1', 5)], log, { a2: ['third!', 'edited'] })).toEqual([named('I6', 'reordered', 'a2')])
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
    expect(ending([asked('o1', 'b1', 'react', thumb)], [])).toEqual([named('I8', 'lost', 'b1')])
    const undone = [asked('o1', 'b1', 'react', thumb), asked('o2', 'b1', 'unreact', thumb)]
    expect(ending(undone, [made(4, 'react', 'b1', 'o1', '👍')], { b1: ['second', ';👍:ann'] })).toEqual([named('I8', 'lost', 'b1')])
  })
  it('I8: need not come true when their page was killed, or asked and was left, before they were kept, and must when it went after', () => {
    const unkept = edit('o1', 'third!', short)
    const kept: Event = { kind: 'changeKept', tab: 'ann.0', op: 'o1' }
    for (const went of [killed, gone('ann.0', { asked: true })]) {
      expect(ending([unkept, went], [])).toEqual([])
      expect(ending([unkept, kept, went], [])).toEqual([named('I8', 'lost', 'a2')])
    }
    expect(ending([unkept, gone('ann.0')], [])).toEqual([named('I8', 'lost', 'a2')])
  })
  it('I8: must come true although their page was killed before they were kept, when they were made and nothing was asked for since', () => {
    const log = [made(4, 'edit', 'a2', 'o1')]
    expect(ending([edit('o1', 'third!', short), killed], log, { a2: ['third', 'edited'] })).toEqual([named('I8', 'lost', 'a2')])
  })
  it('I8: must come true for somebody who is removed later, unless they were told that it did not', () => {
    const left: Event[] = [
      { kind: 'removing', who: 'ann', conv: 'c' },
      { kind: 'left', who: 'ann', conv: 'c', afterSeq: 3 },
    ]
    expect(ending([edit('o1', 'third!'), ...left], [])).toEqual([named('I8', 'lost', 'a2')])
    expect(ending([edit('o1', 'third!'), ...left, declined('o1', 'E_NOT_MEMBER')], [])).toEqual([])
    expect(ending([edit('o1', 'third!'), declined('o1', 'E_NOT_MEMBER'), ...left], [])).toEqual([named('I1', 'lost', 'a2')])
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

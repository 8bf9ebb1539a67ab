import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { ann, clientId, cem, deleted, edited, heard, joined, messageId, says, saysFrom } from '#testing/clientBuilders.ts'
import { afterEvents, afterHistory, afterReset, EMPTY, newestOf, reachesStart, segmentsOf, type Timeline } from './timeline.ts'

const hear = (timeline: Timeline, events: LogEvent[]) =>
  afterEvents(timeline, events, { rev: Math.max(0, ...events.map((event) => event.rev)), seq: 0 })
const page = (timeline: Timeline, messages: ChatMessage[], start = false) => afterHistory(timeline, { messages, notes: [], start })
const reset = (timeline: Timeline, messages: ChatMessage[], more: { rev?: number; fromCache?: boolean } = {}) =>
  afterReset(timeline, {
    messages,
    notes: [],
    through: { rev: more.rev ?? Math.max(0, ...messages.map(({ version }) => version)), seq: messages.at(-1)?.seq ?? 0 },
    fromCache: more.fromCache ?? false,
  })
const seqs = (timeline: Timeline) => timeline.messages.map((message) => message.seq)
const bodies = (timeline: Timeline) => timeline.messages.map((message) => message.body)
const segments = (timeline: Timeline) => segmentsOf(timeline.messages).map((segment) => `${segment[0]!.seq}–${segment.at(-1)!.seq}`)

/** A log with edits and deletions, as the server would have it. */
const log: LogEvent[] = [
  heard(says(1), 1),
  heard(says(2, ann, { version: 2 }), 2),
  edited(1, 3, 'one, edited'),
  heard(says(3, cem, { version: 4 }), 4),
  deleted(2, 5),
  heard(says(4, ann, { version: 6 }), 6),
  edited(1, 7, 'one, edited again'),
]
const whole = hear(EMPTY, log)

describe('a timeline', () => {
  it('shows the log in the order of its seqs, changes applied', () => {
    expect(bodies(whole)).toEqual(['one, edited again', '', 'message 3', 'message 4'])
    expect(seqs(whole)).toEqual([1, 2, 3, 4])
  })

  it('is the same whatever was heard twice, three times or again from the start', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: log.length - 1 })), (again) => {
        expect(
          hear(
            hear(EMPTY, log),
            again.map((at) => log[at]!),
          ).messages,
        ).toEqual(whole.messages)
      }),
    )
    expect(hear(whole, log).messages).toBe(whole.messages)
  })

  it('has the positions of the log, in whatever order messages come', () => {
    const messages = saysFrom(1, 12)
    fc.assert(
      fc.property(fc.shuffledSubarray(messages, { minLength: 12 }), fc.array(fc.constantFrom(...messages)), (shuffled, repeated) => {
        const timeline = [...shuffled, ...repeated].reduce((held, message) => page(held, [message]), EMPTY)
        expect(timeline.messages).toEqual(messages)
      }),
    )
  })

  it('joins pages of any size in any order to exactly what they hold, and draws no two strangers as neighbours', () => {
    const messages = saysFrom(1, 40)
    const pages = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 10 })), { maxLength: 12 })
    fc.assert(
      fc.property(pages, (ranges) => {
        const held = ranges.map(([from, count]) => messages.slice(from - 1, from - 1 + count))
        const timeline = held.reduce((before, slice) => page(before, slice), EMPTY)
        const expected = messages.filter((message) => held.some((slice) => slice.includes(message)))
        expect(timeline.messages).toEqual(expected)
        for (const segment of segmentsOf(timeline.messages)) segment.forEach((message, at) => expect(message.seq).toBe(segment[0]!.seq + at))
      }),
    )
  })

  it('believes the higher version, whichever comes first', () => {
    const old = says(1, ann, { body: 'old', version: 1 })
    const current = says(1, ann, { body: 'new', version: 9 })
    expect(bodies(page(page(EMPTY, [old]), [current]))).toEqual(['new'])
    expect(bodies(page(page(EMPTY, [current]), [old]))).toEqual(['new'])
  })

  it('holds a server id and a writing once, where it was seen last', () => {
    const sameId = says(5, ann, { id: messageId(2), clientId: clientId(77) })
    const sameWriting = says(6, ann, { clientId: clientId(3) })
    const held = page(EMPTY, [says(1, ann), says(2, ann), says(3, ann)])
    expect(seqs(page(held, [sameId]))).toEqual([1, 3, 5])
    expect(seqs(page(held, [sameWriting]))).toEqual([1, 2, 6])
    // Client ids are unique per writer: this is somebody else's message.
    expect(seqs(page(held, [says(7, cem, { clientId: clientId(3) })]))).toEqual([1, 2, 3, 7])
  })

  it('ignores changes to messages it does not hold', () => {
    expect(hear(page(EMPTY, [says(5)]), [edited(2, 9, 'elsewhere')]).messages).toEqual([says(5)])
  })

  it('keeps every note once, in the order of the log', () => {
    const notes = [joined(cem, 3, 1), joined(ann, 2, 0)]
    expect(hear(hear(EMPTY, notes), notes).notes.map((note) => note.rev)).toEqual([2, 3])
  })

  describe('when the newest page replaces the way there', () => {
    it('keeps what it held below, behind a gap', () => {
      expect(segments(reset(page(EMPTY, saysFrom(1, 10)), saysFrom(51, 60)))).toEqual(['1–10', '51–60'])
    })

    it('a page of history closes the gap', () => {
      const gapped = reset(page(EMPTY, saysFrom(1, 10)), saysFrom(51, 60))
      expect(segments(page(page(gapped, saysFrom(31, 50)), saysFrom(11, 30)))).toEqual(['1–60'])
    })

    it('takes the page as the truth for its range', () => {
      const held = page(EMPTY, [...saysFrom(1, 3), says(4, ann, { id: messageId(44), clientId: clientId(44) }), says(5, ann, { id: messageId(55) })])
      expect(reset(held, saysFrom(3, 4)).messages).toEqual([...saysFrom(1, 2), ...saysFrom(3, 4)])
    })

    it('adds from the cache without taking anything away', () => {
      const held = afterEvents(EMPTY, [heard(says(9))], { rev: 9, seq: 9 })
      const shown = reset(held, saysFrom(4, 8), { rev: 8, fromCache: true })
      expect(segments(shown)).toEqual(['4–9'])
      expect(shown.through).toEqual({ rev: 9, seq: 9 })
    })

    it('an empty page empties it', () => {
      expect(seqs(reset(page(EMPTY, saysFrom(1, 3)), []))).toEqual([])
    })
  })

  it('looked at again further up, is brought up to date where it is held, and shows nothing that was let go', () => {
    const held = newestOf(
      hear(
        EMPTY,
        [1, 2, 3, 4].map((seq) => heard(says(seq, ann, { version: seq }), seq)),
      ),
      2,
    )
    const again = hear(held, [
      heard(says(1, ann, { version: 1 }), 1),
      heard(says(2, ann, { version: 2 }), 2),
      heard(says(3, ann, { version: 7, body: 'edited' }), 3),
    ])
    expect(seqs(again)).toEqual([3, 4])
    expect(bodies(again)[0]).toBe('edited')
  })

  it('lets the oldest go down to a count, and no longer knows its start', () => {
    const timeline = page(EMPTY, saysFrom(1, 100), true)
    expect(newestOf(timeline, 100)).toBe(timeline)
    expect(segments(newestOf(timeline, 60))).toEqual(['41–100'])
    expect(newestOf(timeline, 60).start).toBe(false)
  })

  it.each([
    ['nothing is loaded', EMPTY, 0, false],
    ['the first message is the first there is', page(EMPTY, saysFrom(1, 3)), 0, true],
    ['there are messages before the first', page(EMPTY, saysFrom(2, 3)), 0, false],
    ['what lies before is hidden from this person', page(EMPTY, saysFrom(8, 9)), 7, true],
    ['the server said so', page(EMPTY, saysFrom(8, 9), true), 0, true],
    ['nothing was ever written', reset(EMPTY, []), 0, true],
  ])('reaches its start: %s', (_, timeline, visibleFrom, expected) => {
    expect(reachesStart(timeline, visibleFrom)).toBe(expected)
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAnnouncer } from './announcer.ts'

describe('the one voice of the page', () => {
  const polite = document.createElement('div')
  const assertive = document.createElement('div')
  const said = (region: Element) => [...region.children].map((child) => child.textContent)
  const voice = () => createAnnouncer(() => ({ polite, assertive }))

  beforeEach(() => {
    vi.useFakeTimers()
    polite.replaceChildren()
    assertive.replaceChildren()
  })
  afterEach(() => vi.useRealTimers())

  it('reads the first message out and counts those that follow within a second', () => {
    const { message } = voice()
    message('Ben: one')
    message('Ben: two')
    message('Cem: three')
    expect(said(polite)).toEqual(['Ben: one'])
    vi.advanceTimersByTime(1_000)
    expect(said(polite)).toEqual(['Ben: one', '2 new messages'])
  })

  it('keeps silent, once it is cleared, about what it said and what it was about to say', () => {
    const { message, alert, clear } = voice()
    message('Ben: one')
    message('Ben: two')
    alert('Message not sent')
    clear()
    expect([said(polite), said(assertive)]).toEqual([[], []])
    vi.advanceTimersByTime(10_000)
    expect([said(polite), said(assertive)]).toEqual([[], []])
    message('Cem: three')
    expect(said(polite)).toEqual(['Cem: three'])
  })

  it('reads a single message that had to wait in its own words', () => {
    const { message } = voice()
    message('Ben: one')
    message('Ben: two')
    vi.advanceTimersByTime(1_000)
    expect(said(polite)).toEqual(['Ben: one', 'Ben: two'])
  })

  it('never speaks more than once a second, however long a burst lasts', () => {
    const { message } = voice()
    for (let at = 0; at < 50; at++) {
      message(`Ben: ${at}`)
      vi.advanceTimersByTime(100)
    }
    expect(said(polite).length).toBeLessThanOrEqual(6)
  })

  it('is quiet again after a burst, so that the next message is read out at once', () => {
    const { message } = voice()
    message('Ben: one')
    vi.advanceTimersByTime(3_000)
    message('Ben: two')
    expect(said(polite)).toEqual(['Ben: one', 'Ben: two'])
  })

  it('says the same words twice in a way that is noticed', () => {
    const { say } = voice()
    say('Copied')
    say('Copied')
    const [first, second] = said(polite)
    expect(second).not.toBe(first)
    expect(second!.replace('\u200B', '')).toBe('Copied')
  })

  it('interrupts only for alerts, and clears up after itself', () => {
    const { alert, say } = voice()
    alert('Message not sent: too long')
    say('40 earlier messages loaded')
    expect(said(assertive)).toEqual(['Message not sent: too long'])
    expect(said(polite)).toEqual(['40 earlier messages loaded'])
    vi.advanceTimersByTime(7_000)
    expect([...said(assertive), ...said(polite)]).toEqual([])
  })

  it('cuts long messages short', () => {
    voice().message(`Ben: ${'word '.repeat(200)}`)
    expect(said(polite)[0]!.length).toBeLessThanOrEqual(201)
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import type { ConversationId } from '#protocol/ids.ts'
import { scriptedNet, scriptedSurroundings, scriptedToken, type Dial } from '#testing/scriptedNet.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { openLine, type Line, type LineListener } from './line.ts'
import { TIMING } from './timing.ts'

const PONG = (_: unknown, payload: object) => ({ ok: true, t: (payload as { t: number }).t, now: 5 })

function world(more: { loopback?: boolean; hello?: LineListener['hello'] } = {}) {
  const clock = virtualClock()
  const network = scriptedNet(more)
  const browser = scriptedSurroundings()
  const { token, control } = scriptedToken(clock.now)
  const moves: string[] = []
  const heard: unknown[] = []
  let unit = 0.5
  const line: Line = openLine(
    { clock, random: { unit: () => unit, bytes: () => {} }, net: network.net, token, surroundings: browser.surroundings, timing: TIMING },
    {
      moved: (to) => moves.push(to.name),
      pushed: (name, push) => heard.push([name, push]),
      measured: () => {},
      hinted: () => {},
      hello: more.hello ?? (async () => true),
    },
  )
  const opened = async (dial: Dial = network.last()) => {
    dial.events.engineOpened('websocket')
    dial.events.connected()
    await clock.advance(0)
    line.caughtUp()
    return dial
  }
  const live = async () => {
    await clock.advance(0)
    return opened()
  }
  return { clock, network, browser, control, moves, heard, line, live, opened, setUnit: (value: number) => (unit = value) }
}

let open: Line | undefined
const start = (more?: Parameters<typeof world>[0]) => {
  const it = world(more)
  open = it.line
  return it
}
afterEach(() => open?.close())

describe('the line', () => {
  it('renews the token, dials, says hello and goes live', async () => {
    const { live, moves, network } = start()
    await live()
    expect(moves).toEqual(['dialing', 'opening', 'hello', 'syncing', 'live'])
    expect(network.last()).toMatchObject({ token: 'token-1', transport: 'websocket' })
  })

  it('redials 0.5 to 1.5 s after a cut and has only one socket at any time', async () => {
    const { live, network, clock } = start()
    const first = await live()
    first.events.lost('transport close')
    await clock.advance(499)
    expect(network.dials).toHaveLength(1)
    await clock.advance(1_001)
    expect(network.dials).toHaveLength(2)
    expect(network.open()).toEqual([network.last()])
  })

  it('hears nothing from a socket it has hung up', async () => {
    const { live, network, clock, line, heard } = start()
    const first = await live()
    first.events.lost('transport close')
    await clock.advance(2_000)
    first.events.connected()
    first.events.pushed('log:head', { conv: 'lobby', rev: 3, h: '0000000000000000' })
    first.events.lost('transport error')
    expect(heard).toEqual([])
    expect(line.state().name).toBe('dialing')
    expect(network.dials).toHaveLength(2)
  })

  it('gives a black-holed dial 5 s and an unanswered CONNECT 8 s', async () => {
    const { network, clock, line } = start()
    await clock.advance(4_999)
    expect(line.state().name).toBe('dialing')
    await clock.advance(1)
    expect(line.state().name).toBe('backoff')
    await clock.advance(1_500)
    network.last().events.engineOpened('websocket')
    await clock.advance(7_999)
    expect(line.state().name).toBe('opening')
    await clock.advance(1)
    expect(line.state().name).toBe('backoff')
  })

  it('turns to polling after two swallowed WebSocket dials, and back when a WebSocket gets through and nothing is under way', async () => {
    const { network, clock, opened, line } = start()
    await clock.advance(5_000 + 1_000 + 5_000 + 2_000)
    expect(network.dials.map((dial) => dial.transport)).toEqual(['websocket', 'websocket', 'polling'])
    network.last().events.engineOpened('polling')
    await clock.advance(0)
    network.last().events.connected()
    await opened()
    network.last().events.transportChanged('polling')
    network.last().answer = PONG
    const beat = async (ms: number) => {
      for (let i = 0; i < ms; i += 1_000) {
        network.last().events.heard()
        await clock.advance(1_000)
      }
    }
    await beat(59_000)
    expect(network.probes).toHaveLength(0)
    await beat(2_000)
    expect(network.probes).toHaveLength(1)
    const dials = network.dials.length
    network.last().answer = () => undefined
    const asked = line.request('conversation:open', { conv: 'c' as ConversationId })
    network.probes[0]!(true)
    await clock.advance(0)
    expect(network.dials).toHaveLength(dials)
    network.last().requests.at(-1)!.answered({ ok: true })
    expect(await asked).toMatchObject({ ok: true })
    await clock.advance(0)
    expect(network.last().transport).toBe('websocket')
  })

  it('dials within half a second of `online`, and at once on Retry now', async () => {
    const { live, network, clock, browser, line } = start()
    const first = await live()
    browser.say('offline')
    first.events.lost('transport close')
    await clock.advance(120_000)
    expect(network.dials).toHaveLength(1)
    browser.say('online')
    await clock.advance(500)
    expect(network.dials).toHaveLength(2)
    network.last().events.failed('xhr poll error')
    await clock.advance(100)
    line.retryNow()
    await clock.advance(1)
    expect(network.dials).toHaveLength(3)
  })

  it('obeys Retry now while the browser says offline, and dials a loopback server every 30 s', async () => {
    const { live, network, clock, browser, line } = start({ loopback: true })
    const first = await live()
    browser.say('offline')
    first.events.lost('transport close')
    await clock.advance(29_999)
    expect(network.dials).toHaveLength(1)
    await clock.advance(1)
    expect(network.dials).toHaveLength(2)
    network.last().events.failed('down')
    line.retryNow()
    await clock.advance(1)
    expect(network.dials).toHaveLength(3)
  })

  it('knows a half-open line within 3 s of a send', async () => {
    const { live, network, clock, line } = start()
    await live()
    await clock.advance(1_000)
    const reply = line.request('message:send', { conv: 'lobby' as never, messages: [] })
    await clock.advance(399)
    expect(line.state().name).toBe('live')
    await clock.advance(1)
    expect(line.state().name).toBe('probing')
    await clock.advance(2_500)
    expect(line.state().name).toBe('dialing')
    expect(await reply).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
    expect(network.open()).toEqual([network.last()])
  })

  it('knows a wholly idle half-open line before the 2 s of the banner are over within 20 s', async () => {
    const { live, clock, line } = start()
    await live()
    await clock.advance(18_000)
    expect(line.state().name).toBe('dialing')
  })

  it('stays on a line whose server pings seldom', async () => {
    const { live, clock, network } = start()
    const dial = await live()
    dial.answer = PONG
    await clock.advance(300_000)
    expect(network.dials).toHaveLength(1)
  })

  it.each(['wake', 'focus', 'visible', 'online'] as const)(
    'asks whether anybody is there on %s, and dials anew within 3 s if not',
    async (change) => {
      const { live, clock, line, browser, network } = start()
      const dial = await live()
      await clock.advance(1_500)
      browser.say(change)
      expect(dial.requests.map((request) => request.name)).toEqual(['probe'])
      await clock.advance(2_499)
      expect(line.state().name).toBe('probing')
      await clock.advance(1)
      expect(line.state().name).toBe('dialing')
      expect(network.open()).toEqual([network.last()])
    },
  )

  it('asks also when it heard from the server a moment ago: the network may have changed since', async () => {
    const { live, clock, browser, line } = start()
    const dial = await live()
    await clock.advance(1_500)
    dial.events.heard()
    browser.say('visible')
    expect(dial.requests.map((request) => request.name)).toEqual(['probe'])
    expect(line.state().name).toBe('probing')
  })

  it('is not deceived by a clock that is set back: silence is noticed, Retry now obeyed', async () => {
    const { live, clock, line, network } = start()
    const dial = await live()
    dial.answer = PONG
    await clock.advance(10_000)
    dial.events.heard()
    clock.set(clock.now() - 3_600_000)
    dial.answer = () => undefined
    await clock.advance(TIMING.SILENCE_MS + TIMING.TICK_MS)
    expect(network.dials.length).toBeGreaterThan(1)
    network.last().events.failed('down')
    line.retryNow()
    await clock.advance(10)
    const before = network.dials.length
    network.last().events.failed('down')
    clock.set(clock.now() - 3_600_000)
    line.retryNow()
    await clock.advance(10)
    expect(network.dials).toHaveLength(before + 1)
  })

  it.each(['io server disconnect', 'ping timeout', 'transport close', 'transport error', 'parse error'])('comes back after “%s”', async (reason) => {
    const { live, clock, opened, line, network } = start()
    const first = await live()
    first.events.lost(reason)
    expect(line.state()).toMatchObject({ name: 'backoff', reason })
    await clock.advance(1_500)
    await opened()
    expect(line.state().name).toBe('live')
    expect(network.open()).toEqual([network.last()])
  })

  it('stays away after it hung up itself', async () => {
    const { live, clock, line, network } = start()
    const first = await live()
    line.close()
    first.events.lost('io client disconnect')
    await clock.advance(600_000)
    expect(network.dials).toHaveLength(1)
  })

  it('survives an outage of half an hour, dialling all the while and never more than 45 s apart', async () => {
    const { live, clock, line, network, opened, setUnit } = start()
    const first = await live()
    setUnit(0.999)
    first.events.lost('transport close')
    const dialledAt: number[] = []
    while (clock.now() < 30 * 60_000) {
      const before = network.dials.length
      await clock.advance(100)
      if (network.dials.length === before) continue
      dialledAt.push(clock.now())
      network.last().events.failed('xhr poll error')
    }
    const pauses = dialledAt.slice(1).map((at, i) => at - dialledAt[i]!)
    expect(Math.max(...pauses.slice(0, 9))).toBeLessThanOrEqual(15_100)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(45_100)
    expect(Math.max(...pauses)).toBeGreaterThan(40_000)
    line.retryNow()
    await clock.advance(100)
    await opened()
    expect(line.state().name).toBe('live')
  })

  it('leaves a line alone that answers the probe', async () => {
    const { live, clock, line, browser, network } = start()
    const dial = await live()
    dial.answer = PONG
    await clock.advance(1_500)
    browser.say('focus')
    await clock.advance(0)
    expect(line.state().name).toBe('live')
    expect(network.dials).toHaveLength(1)
    expect(dial.requests.map((request) => request.name)).toEqual(['probe'])
  })

  it('gives a big message on a slow uplink the time it needs', async () => {
    const { live, clock, line, network } = start()
    await live()
    await clock.advance(1_000)
    void line.request('message:send', { conv: 'lobby' as never, messages: [{ clientId: 'x' as never, body: 'a'.repeat(32_000), sentAt: 1 }] })
    await clock.advance(13_000)
    expect(network.dials).toHaveLength(1)
    network.last().events.heard()
    network.last().requests[0]!.answered({ ok: true, results: [] })
    await clock.advance(0)
    expect(line.state().name).not.toBe('dialing')
  })

  it('counts a message on a slow uplink by its bytes, not by its letters', async () => {
    const { live, clock, line, network } = start()
    await live()
    await clock.advance(1_000)
    void line.request('message:send', {
      conv: 'lobby' as never,
      messages: [{ clientId: 'x' as never, body: '🇳🇱'.repeat(4_000), sentAt: 1 }],
    })
    await clock.advance(16_000)
    expect(network.dials).toHaveLength(1)
  })

  it('asks for a new token once when refused, then stops', async () => {
    const { network, clock, control, line } = start()
    await clock.advance(0)
    control.result = 'denied'
    network.last().events.engineOpened('websocket')
    network.last().events.refused('E_AUTH_INVALID', 0)
    await clock.advance(60_000)
    expect(line.state()).toEqual({ name: 'blocked', code: 'E_AUTH_INVALID' })
    expect(network.dials).toHaveLength(1)
    expect(control.renewals).toBe(1)
  })

  it('treats an answer it cannot read as a server error, and a late one as nothing', async () => {
    const { live, clock, line } = start()
    const dial = await live()
    dial.answer = (name) => (name === 'probe' ? { ok: true, t: 'soon' } : undefined)
    expect(await line.request('probe', { t: 1 })).toMatchObject({ ok: false, code: 'E_INTERNAL' })
    dial.answer = () => undefined
    const late = line.request('sync:user', { from: 0 })
    dial.events.heard()
    await clock.advance(TIMING.REQUEST_MS)
    expect(await late).toEqual({ ok: false, code: 'E_TIMEOUT' })
    dial.requests.at(-1)!.answered({ ok: true, events: [], urev: 0 })
  })

  it('sends nothing before hello and nothing after a loss', async () => {
    const { clock, network, line, live } = start()
    await clock.advance(0)
    expect(await line.request('sync:user', { from: 0 })).toMatchObject({ code: 'E_TIMEOUT' })
    expect(network.last().requests).toEqual([])
    const dial = await live()
    dial.events.lost('transport close')
    expect(await line.request('sync:user', { from: 0 })).toMatchObject({ code: 'E_TIMEOUT' })
    line.signal('typing:set', { conv: 'lobby' as never, on: true })
    expect(dial.signals).toEqual([])
  })

  it('asks when its own clock shows that the machine slept, though nothing else said so', async () => {
    const { live, clock, line, network } = start()
    const dial = await live()
    await clock.advance(1_000)
    dial.events.heard()
    // five seconds more than the tick should have taken
    clock.set(clock.now() + TIMING.WAKE_DRIFT_MS + 10)
    dial.events.heard()
    expect(dial.requests).toEqual([])
    await clock.advance(TIMING.TICK_MS)
    expect(dial.requests.map((request) => request.name)).toEqual(['probe'])
    expect(line.state().name).toBe('probing')
    await clock.advance(TIMING.PROBE_MS)
    expect(network.open()).toEqual([network.last()])
    expect(network.dials).toHaveLength(2)
  })

  it('dials within half a second of `online` also in the middle of a long wait', async () => {
    const { live, network, clock, browser, line, setUnit } = start()
    const first = await live()
    setUnit(0.999)
    first.events.lost('transport close')
    while (network.dials.length < 6) {
      const before = network.dials.length
      await clock.advance(100)
      if (network.dials.length > before) network.last().events.failed('xhr poll error')
    }
    await clock.advance(1_000)
    expect(line.state()).toMatchObject({ name: 'backoff', until: expect.toSatisfy((until: number) => until - clock.now() > 5_000) as number })
    const before = network.dials.length
    browser.say('online')
    await clock.advance(TIMING.ONLINE_SPREAD_MS)
    expect(network.dials).toHaveLength(before + 1)
  })

  describe('when the browser came online again and said so to nobody', () => {
    const afterAnUnheardReturn = async () => {
      const all = start()
      const { live, clock, browser, network, line } = all
      const first = await live()
      browser.say('offline')
      first.events.lost('transport close')
      await clock.advance(100_000)
      for (const change of ['wake', 'focus', 'visible'] as const) browser.say(change)
      line.hurry()
      await clock.advance(100_000)
      expect(network.dials).toHaveLength(1)
      Object.assign(browser.surroundings, { online: () => true })
      return all
    }

    it('finds out by itself within half a minute, and is live again', async () => {
      const { clock, network, line, opened } = await afterAnUnheardReturn()
      for (let waited = 0; waited < 30_000 && network.dials.length === 1; waited += 1_000) await clock.advance(1_000)
      expect(network.dials).toHaveLength(2)
      await opened()
      expect(line.state().name).toBe('live')
    })

    it.each(['wake', 'focus', 'visible'] as const)('dials at once on %s', async (change) => {
      const { clock, network, browser } = await afterAnUnheardReturn()
      browser.say(change)
      await clock.advance(0)
      expect(network.dials).toHaveLength(2)
    })

    it('dials at once for a new message', async () => {
      const { clock, network, line } = await afterAnUnheardReturn()
      line.hurry()
      await clock.advance(0)
      expect(network.dials).toHaveLength(2)
    })
  })

  it('keeps an open line when the browser says offline and the server answers nevertheless, and works on it', async () => {
    const { live, network, clock, browser, line } = start()
    const dial = await live()
    dial.answer = PONG
    browser.say('offline')
    expect(dial.requests.map((request) => request.name)).toEqual(['probe'])
    await clock.advance(0)
    expect(line.state().name).toBe('live')
    dial.answer = () => ({ ok: true, events: [], urev: 0 })
    expect(await line.request('sync:user', { from: 0 })).toMatchObject({ ok: true })
    await clock.advance(TIMING.PROBE_MS * 2)
    expect(line.state().name).toBe('live')
    expect(network.dials).toHaveLength(1)
  })

  it('tries to renew the token again and again while that fails, dials when it works, and stops when it is denied', async () => {
    const { network, clock, control, line, moves } = start()
    control.result = 'failed'
    await clock.advance(0)
    expect(line.state()).toMatchObject({ name: 'backoff', reason: 'token' })
    for (let minutes = 0; minutes < 10; minutes++) {
      const before = control.renewals
      await clock.advance(60_000)
      expect(control.renewals).toBeGreaterThan(before)
    }
    expect(moves).not.toContain('blocked')
    expect(network.dials).toEqual([])
    control.result = 'ok'
    await clock.advance(60_000)
    expect(network.dials.length).toBeGreaterThan(0)

    const denied = start()
    denied.control.result = 'denied'
    await denied.clock.advance(600_000)
    expect(denied.line.state()).toEqual({ name: 'blocked', code: 'E_AUTH_INVALID' })
    expect(denied.control.renewals).toBe(1)
    denied.line.close()
  })

  it('comes back after the server called it too slow', async () => {
    const { live, network, clock, line, opened } = start()
    const first = await live()
    first.events.pushed('server:farewell', { code: 'SLOW', reconnectInMs: 3_000 })
    first.events.lost('io server disconnect')
    await clock.advance(2_999)
    expect(network.dials).toHaveLength(1)
    await clock.advance(1)
    await opened()
    expect(line.state().name).toBe('live')
    expect(network.open()).toEqual([network.last()])
  })

  it('leaves no timer, listener or socket behind when closed', async () => {
    const { live, clock, line, browser, network } = start()
    await live()
    void line.request('sync:user', { from: 0 })
    line.close()
    await clock.advance(0)
    expect(clock.pending()).toBe(0)
    expect(browser.listeners()).toBe(0)
    expect(network.open()).toEqual([])
  })
})

describe('an answer that comes down slowly', () => {
  /** A moment after the last thing was heard, or that would count as heard since. */
  const pulls = async ({ line, clock }: Pick<ReturnType<typeof start>, 'line' | 'clock'>) => {
    await clock.advance(1)
    void line.request('sync:pull', { conv: 'lobby' as never, from: 1 })
  }
  const page = { ok: true, from: 1, to: 1, head: 1, events: [] }
  const answers = ({ requests }: Dial, name: string, raw: object) => requests.findLast((request) => request.name === name)!.answered(raw)
  const answersProbe = (dial: Dial) => answers(dial, 'probe', PONG('probe', dial.requests.findLast(({ name }) => name === 'probe')!.payload))

  /** A line that was given up over an answer that did not come, and the one after it, live. */
  const afterOneGivenUp = async (more?: Parameters<typeof start>[0]) => {
    const all = start(more)
    await all.live()
    await pulls(all)
    await all.clock.advance(2_900)
    const second = await all.opened()
    return { ...all, second }
  }

  it('gets more time on each line after one that was given up over it: 0, 5, 10 s', async () => {
    const { live, clock, line, network, opened } = start()
    await live()
    for (const [i, knownAfter] of [2_900, 7_900, 12_900].entries()) {
      await pulls({ line, clock })
      await clock.advance(knownAfter - 1)
      expect(network.dials).toHaveLength(i + 1)
      await clock.advance(1)
      expect(network.dials).toHaveLength(i + 2)
      await opened()
    }
  })

  it('of a dead line is not waited for any longer because the clock was set back meanwhile', async () => {
    const all = start()
    await all.live()
    all.network.last().events.heard()
    await pulls(all)
    all.clock.set(all.clock.now() - 3_600_000)
    await all.clock.advance(2 * TIMING.TICK_MS + 2_900)
    expect(all.network.dials).toHaveLength(2)
  })

  it('gets no more than silence ever gets, however often lines were given up', async () => {
    const { live, clock, line, network, opened } = start()
    await live()
    const knownAfter: number[] = []
    for (let i = 1; i <= 8; i++) {
      await pulls({ line, clock })
      const askedAt = clock.now()
      while (network.dials.length === i) await clock.advance(100)
      knownAfter.push(clock.now() - askedAt)
      await opened()
    }
    expect(Math.max(...knownAfter)).toBeGreaterThan(TIMING.SILENCE_MS - TIMING.TICK_MS)
    expect(Math.max(...knownAfter)).toBeLessThanOrEqual(TIMING.SILENCE_MS + TIMING.TICK_MS)
  })

  it('arrives on the second line, and its request is not over before', async () => {
    const { line, clock, network, second } = await afterOneGivenUp()
    await clock.advance(1)
    const reply = line.request('sync:pull', { conv: 'lobby' as never, from: 1 })
    await clock.advance(7_500)
    answers(second, 'sync:pull', page)
    answersProbe(second)
    await clock.advance(0)
    expect(await reply).toMatchObject({ ok: true })
    expect(line.state().name).toBe('live')
    expect(network.dials).toHaveLength(2)
  })

  it('buys no time for anything else: a line that brings nothing long is known to be dead as early as ever', async () => {
    const { line, clock, browser, network } = await afterOneGivenUp()
    browser.say('wake')
    await clock.advance(2_500)
    expect(network.dials).toHaveLength(3)
    expect(line.state().name).toBe('dialing')
  })

  it('gets no more time for a line that was given up over something else', async () => {
    const { live, line, clock, browser, network, opened } = start()
    await live()
    browser.say('wake')
    await clock.advance(2_500)
    await opened()
    await pulls({ line, clock })
    await clock.advance(2_900)
    expect(network.dials).toHaveLength(3)
  })

  it('gets no more time once one came quickly', async () => {
    const { line, clock, network, second } = await afterOneGivenUp()
    await pulls({ line, clock })
    await clock.advance(1_000)
    answers(second, 'sync:pull', page)
    answersProbe(second)
    await clock.advance(0)
    await pulls({ line, clock })
    await clock.advance(2_900)
    expect(network.dials).toHaveLength(3)
  })

  it('is still coming while another one arrives: the probe behind both is waited for anew', async () => {
    const { live, line, clock, network } = start()
    const dial = await live()
    await pulls({ line, clock })
    void line.request('history:page', { conv: 'lobby' as never, at: { beforeSeq: 9 }, limit: 5 })
    await clock.advance(2_800)
    answers(dial, 'sync:pull', page)
    await clock.advance(2_499)
    expect(network.dials).toHaveLength(1)
    await clock.advance(1)
    expect(network.dials).toHaveLength(2)
  })

  it('is what a word from the server excuses a probe for, and nothing else is', async () => {
    const { live, clock, browser, network } = start()
    const dial = await live()
    browser.say('wake')
    await clock.advance(2_000)
    dial.events.heard()
    await clock.advance(500)
    expect(network.dials).toHaveLength(2)
  })

  it('may be the one to hello: the next one gets more time', async () => {
    const { clock, network, line } = start({ hello: () => new Promise(() => {}) })
    await clock.advance(0)
    for (const patience of [0, 5_000]) {
      network.last().events.engineOpened('websocket')
      network.last().events.connected()
      await clock.advance(TIMING.HELLO_MS + patience - 1)
      expect(line.state().name).toBe('hello')
      await clock.advance(1)
      expect(line.state().name).toBe('backoff')
      line.retryNow()
      await clock.advance(0)
    }
  })

  it('does not pass for a slow line for ever when a probe queued behind it: the next quick answer tells', async () => {
    const { line, clock, network, browser, second } = await afterOneGivenUp()
    await pulls({ line, clock })
    await clock.advance(7_500)
    answers(second, 'sync:pull', page)
    answersProbe(second)
    await clock.advance(0)
    void line.request('sync:user', { from: 0 })
    await clock.advance(50)
    answers(second, 'sync:user', { ok: true, events: [], urev: 0 })
    browser.say('wake')
    await clock.advance(2_500)
    expect(network.dials).toHaveLength(3)
  })
})

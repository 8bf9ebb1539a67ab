import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestName } from '#protocol/events.ts'
import { REQUESTS } from '#protocol/requests.ts'
import { FRAME_MAX_BYTES } from '#protocol/limits.ts'
import { draft, join, until, type Caller } from '#server/testing/dial.ts'
import { nonsenseFor } from '#server/testing/nonsense.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { LOBBY } from '#protocol/ids.ts'

let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { LIMIT_MESSAGES: '100000/100000' } })))
afterAll(() => server.stop())

const NAMES = Object.keys(REQUESTS) as RequestName[]
type Answer = { ok: boolean; code?: string }
const askRaw = (caller: Caller, name: string, ...args: unknown[]): Promise<Answer> =>
  caller.socket.timeout(5_000).emitWithAck(name, ...args) as Promise<Answer>

describe('every request', () => {
  it('is refused before hello', async () => {
    const caller = await join(server, undefined, { hello: false })
    for (const name of NAMES) {
      if (name !== 'hello' && name !== 'hello:part') expect(await askRaw(caller, name, {}), name).toMatchObject({ ok: false, code: 'E_NO_SESSION' })
    }
    caller.hangUp()
  })

  it('is one object of its shape; anything else is an error each, and harms nobody', async () => {
    const caller = await join(server)
    for (const name of NAMES) {
      const bad = nonsenseFor(name, 150)
      expect(bad.length, name).toBeGreaterThan(20)
      const answers: Answer[] = []
      // in slices, because a flood meets another limit
      while (bad.length > 0) answers.push(...(await Promise.all(bad.splice(0, 50).map((payload) => askRaw(caller, name, payload)))))
      expect(
        answers.filter((answer) => answer.ok || answer.code !== 'E_INVALID'),
        name,
      ).toEqual([])
    }
    expect(await caller.get('probe', { t: 1 })).toMatchObject({ t: 1 })
    caller.hangUp()
  })

  it('takes exactly one argument', async () => {
    const caller = await join(server)
    expect(await askRaw(caller, 'probe')).toMatchObject({ ok: false, code: 'E_INVALID' })
    expect(await askRaw(caller, 'probe', { t: 1 }, { t: 2 })).toMatchObject({ ok: false, code: 'E_INVALID' })
    caller.hangUp()
  })

  it('that does not exist is refused, whatever it is called', async () => {
    const caller = await join(server)
    for (const name of ['nonsense', 'constructor', '__proto__', 'toString', 'join', 'message', '']) {
      expect(await askRaw(caller, name, {}), name).toMatchObject({ ok: false, code: 'E_INVALID' })
    }
    caller.hangUp()
  })

  it('is answered exactly once', async () => {
    const caller = await join(server)
    const acks: string[] = []
    const { engine } = caller.socket.io
    engine.on('packet', (packet: { type: string; data?: unknown }) => {
      if (packet.type === 'message' && String(packet.data).startsWith('3')) acks.push(/^3(\d+)/.exec(String(packet.data))?.[1] ?? '')
    })
    const requests = [
      askRaw(caller, 'probe', { t: 1 }),
      askRaw(caller, 'probe', null),
      askRaw(caller, 'message:send', { conv: LOBBY, messages: [draft('once')] }),
      askRaw(caller, 'sync:pull', { conv: 'nowhere', from: 0 }),
      askRaw(caller, 'nonsense', 1),
    ]
    await Promise.all(requests)
    await caller.get('probe', { t: 2 })
    expect(new Set(acks).size).toBe(acks.length)
    expect(acks).toHaveLength(requests.length + 1)
    caller.hangUp()
  })

  it('may come without an ack, and is still checked and done', async () => {
    const caller = await join(server)
    caller.socket.emit('message:send', { conv: LOBBY, messages: [{ nonsense: true }] })
    caller.socket.emit('message:send', { conv: LOBBY, messages: [draft('quietly')] })
    const pushed = await caller.hears('log:events', ({ events }) => events.some((event) => 'message' in event && event.message.body === 'quietly'))
    expect(pushed.events).toHaveLength(1)
    caller.hangUp()
  })

  it('beyond the window of one connection is told to wait, and none goes unanswered', async () => {
    const caller = await join(server)
    const answers = await Promise.all(Array.from({ length: 300 }, () => askRaw(caller, 'sync:heads', { urev: 0, convs: {} })))
    const refused = answers.filter((answer) => !answer.ok)
    expect(answers).toHaveLength(300)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.every((answer) => answer.code === 'E_BUSY')).toBe(true)
    expect(await caller.get('probe', { t: 1 })).toMatchObject({ t: 1 })
    caller.hangUp()
  })
})

describe('somebody who asks and does not read', () => {
  /** Somebody who has 240 kB of messages to ask for and takes nothing in, as a process that is stopped. `reads` ends that. */
  async function stopped() {
    const caller = await join(server)
    const writer = await join(server)
    for (let n = 0; n < 4; n++) {
      const { results } = await writer.get('message:send', { conv: LOBBY, messages: Array.from({ length: 15 }, () => draft('x'.repeat(4_000))) })
      expect(results.every((result) => result.ok)).toBe(true)
    }
    const { ws } = (caller.socket.io.engine as unknown as { transport: { ws: { _socket: Socket } } }).transport
    const tcp = ws._socket
    const resume = tcp.resume.bind(tcp)
    // the library resumes by itself after each piece
    tcp.resume = () => tcp
    tcp.pause()
    const reads = () => {
      tcp.resume = resume
      resume()
    }
    return { caller, writer, reads }
  }

  /** Asks for pages of 16 kB, more than the machine itself keeps for a connection. The others are served meanwhile. */
  async function asksOn(caller: Caller, writer: Caller) {
    const asked: Promise<Answer>[] = []
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 100; n++) asked.push(askRaw(caller, 'history:page', { conv: LOBBY, at: { beforeSeq: 1_000_000 }, limit: 50 }))
      await writer.get('sync:heads', { urev: 0, convs: {} })
    }
    return asked
  }

  it('gets a bounded number of pages; the rest is refused until they are read', async () => {
    const { caller, writer, reads } = await stopped()
    const asked = await asksOn(caller, writer)
    reads()
    const answers = await Promise.all(asked)
    const given = answers.filter((answer) => answer.ok)
    expect(given.length).toBeGreaterThan(0)
    expect(given.length).toBeLessThan(1_200)
    expect(answers.filter((answer) => !answer.ok).every((answer) => answer.code === 'E_BUSY')).toBe(true)
    expect(await caller.get('probe', { t: 1 })).toMatchObject({ t: 1 })
    for (const one of [writer, caller]) one.hangUp()
  })

  it('is cut when it goes on and on', async () => {
    const { caller, writer } = await stopped()
    const before = server.app.live.count()
    // big answers fill what the machine itself keeps for a connection, small ones then pile up in the process
    for (const asked of await asksOn(caller, writer)) asked.catch(() => {})
    for (let n = 0; n < 20_000; n++) caller.socket.emit('nonsense' as 'probe', { t: n }, () => {})
    await until(() => server.app.live.count() < before)
    for (const one of [writer, caller]) one.hangUp()
  })
})

describe('what can not even be read', () => {
  it('a frame beyond the limit costs its sender the line, and nobody else anything', async () => {
    const [loud, calm] = [await join(server), await join(server)]
    loud.socket.emit('message:send', { conv: LOBBY, messages: [draft('x'.repeat(FRAME_MAX_BYTES))] })
    await loud.gone
    expect(await calm.get('probe', { t: 1 })).toMatchObject({ t: 1 })
    calm.hangUp()
  })

  it('broken frames cost their sender the line at most', async () => {
    const calm = await join(server)
    for (const frame of [
      '4',
      '42',
      '42[',
      '42{}',
      '42["disconnect"]',
      '42["connect"]',
      '4999',
      '49',
      '43',
      '430[]',
      '451-["x",{"_placeholder":true,"num":9}]',
      '40/other,',
      '41/other,',
      'zzz',
      '42["probe",{"t":1}]'.repeat(3),
    ]) {
      const caller = await join(server)
      ;(caller.socket.io.engine.transport as unknown as { ws: { send: (data: string) => void } }).ws.send(frame)
      await Promise.race([caller.gone, askRaw(caller, 'probe', { t: 1 }).catch(() => 'gone')])
      caller.hangUp()
    }
    expect(await calm.get('probe', { t: 1 })).toMatchObject({ t: 1 })
    calm.hangUp()
  })

  it('a replayed frame does what it did the first time', async () => {
    const caller = await join(server)
    const frames: string[] = []
    caller.socket.io.engine.on('packetCreate', (packet) => void frames.push(`4${String(packet.data)}`))
    await caller.get('message:send', { conv: LOBBY, messages: [draft('again and again')] })
    const isIt = ({ events }: { events: unknown[] }) => JSON.stringify(events).includes('again and again')
    for (let n = 0; n < 3; n++) (caller.socket.io.engine.transport as unknown as { ws: { send: (data: string) => void } }).ws.send(frames[0] ?? '')
    await until(() => caller.heard('log:events').filter(isIt).length === 4)
    const revs = caller
      .heard('log:events')
      .filter(isIt)
      .flatMap(({ events }) => events.map((event) => event.rev))
    expect(new Set(revs).size).toBe(1)
    caller.hangUp()
  })
})

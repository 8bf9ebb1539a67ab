import { type Server, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Line, openLine } from './line.ts'

/* A real server that echoes, a real client, and the line between them. */

let http: Server
let echo: WebSocketServer
let line: Line
const clients: WebSocket[] = []

beforeEach(async () => {
  http = createServer((_, response) => response.end('page'))
  echo = new WebSocketServer({ server: http })
  echo.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (text: Buffer) => socket.send(`echo ${text.toString()}`))
  })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  line = await openLine({ to: { host: '127.0.0.1', port: (http.address() as AddressInfo).port }, random: () => 0.5 })
})

afterEach(async () => {
  clients.splice(0).forEach((client) => client.terminate())
  await line.close()
  echo.clients.forEach((socket) => socket.terminate())
  http.closeAllConnections()
  await new Promise((done) => http.close(done))
})

type Talk = {
  heard: string[]
  say: (text: string) => void
  hears: (text: string) => Promise<void>
  closed: Promise<number>
  opened: Promise<void>
  refused: Promise<string>
}

function talk(): Talk {
  const socket = new WebSocket(line.url)
  clients.push(socket)
  const heard: string[] = []
  let noticed = () => {}
  socket.on('message', (text: Buffer) => {
    heard.push(text.toString())
    noticed()
  })
  const refused = new Promise<string>((done) => socket.on('error', (error) => done(error.message)))
  return {
    heard,
    say: (text) => socket.send(text),
    hears: (text) =>
      new Promise((done) => {
        noticed = () => heard.includes(text) && done()
        noticed()
      }),
    opened: new Promise((done) => socket.on('open', done)),
    closed: new Promise((done) => socket.on('close', done)),
    refused,
  }
}

async function openTalk(): Promise<Talk> {
  const one = talk()
  await one.opened
  return one
}

const page = () =>
  new Promise<string>((done, fail) => {
    get(line.url, (response) => response.setEncoding('utf8').on('data', done)).on('error', fail)
  })

async function msOf(action: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await action
  return performance.now() - startedAt
}

/** Long enough for the line to have carried it, had it wanted to: an echo over another connection arrives after it. */
async function roundTrip() {
  const other = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  clients.push(other)
  await new Promise((done) => other.on('open', done))
  for (let i = 0; i < 5; i++) {
    other.send('x')
    await new Promise((done) => other.once('message', done))
  }
}

test('a healthy line carries pages and talks, small and large', async () => {
  expect(await page()).toBe('page')
  const ann = await openTalk()
  const long = 'é'.repeat(100_000)
  for (const text of ['hi', 'x'.repeat(300), long]) {
    ann.say(text)
    await ann.hears(`echo ${text}`)
  }
  expect(line.connections).toBeGreaterThan(0)
  expect(line.counters.bytesDown).toBeGreaterThan(200_000)
})

test('cut resets what is open and welcomes what comes', async () => {
  const ann = await openTalk()
  line.cut()
  expect(await ann.closed).toBe(1006)
  const bob = await openTalk()
  bob.say('hi')
  await bob.hears('echo hi')
})

test('refuse resets what is open and what comes, until pass', async () => {
  const ann = await openTalk()
  line.refuse()
  await ann.closed
  await expect(page()).rejects.toThrow('ECONNRESET')
  expect(line.counters.refused).toBe(1)
  line.pass()
  expect(await page()).toBe('page')
})

test('a frozen line stays open, carries nothing and forgets nothing', async () => {
  const ann = await openTalk()
  line.freeze()
  ann.say('one')
  ann.say('two')
  await roundTrip()
  expect(ann.heard).toEqual([])
  expect(line.connections).toBe(1)
  line.pass()
  await ann.hears('echo two')
  expect(ann.heard).toEqual(['echo one', 'echo two'])
})

test('a line frozen downwards still carries what the client says', async () => {
  const ann = await openTalk()
  const [atServer] = echo.clients
  const arrived = new Promise((done) => atServer?.once('message', (text: Buffer) => done(text.toString())))
  line.freeze('down')
  ann.say('hello?')
  expect(await arrived).toBe('hello?')
  await roundTrip()
  expect(ann.heard).toEqual([])
})

test('a frozen line does not tell that the server hung up', async () => {
  const ann = await openTalk()
  let closed = false
  void ann.closed.then(() => (closed = true))
  line.freeze()
  echo.clients.forEach((socket) => socket.terminate())
  await roundTrip()
  expect(closed).toBe(false)
  line.pass()
  await ann.closed
})

test('delay and jitter add up both ways and keep the order', async () => {
  const ann = await openTalk()
  line.delay(60, 40)
  ann.say('one')
  ann.say('two')
  expect(await msOf(ann.hears('echo two'))).toBeGreaterThanOrEqual(155)
  expect(ann.heard).toEqual(['echo one', 'echo two'])
})

test('bandwidth makes large things slow', async () => {
  const ann = await openTalk()
  line.bandwidth(100_000)
  ann.say('x'.repeat(10_000))
  expect(await msOf(ann.hears(`echo ${'x'.repeat(10_000)}`))).toBeGreaterThanOrEqual(195)
})

test('refused upgrades are answered, and pages still pass', async () => {
  line.refuseUpgrades(400)
  expect(await talk().refused).toContain('400')
  expect(await page()).toBe('page')
})

test('swallowed upgrades are never answered, and pages still pass', async () => {
  line.swallowUpgrades()
  const ann = talk()
  let answered = false
  void Promise.race([ann.opened, ann.refused]).then(() => (answered = true))
  expect(await page()).toBe('page')
  await roundTrip()
  expect(answered).toBe(false)
})

test('a frame from the server is lost once, and only the one that matches', async () => {
  const ann = await openTalk()
  const lost = line.dropFrames('down', (text) => text === 'echo two')
  for (const text of ['one', 'two', 'three', 'two']) ann.say(text)
  await ann.hears('echo two')
  await lost
  expect(ann.heard).toEqual(['echo one', 'echo three', 'echo two'])
  expect(line.counters.framesDropped).toBe(1)
})

test('masked frames of the client are read and lost as often as asked', async () => {
  const ann = await openTalk()
  const lost = line.dropFrames('up', (text) => text.startsWith('a'), 2)
  for (const text of ['a1', 'b', 'a2', 'a3']) ann.say(text)
  await lost
  await ann.hears('echo a3')
  expect(ann.heard).toEqual(['echo b', 'echo a3'])
})

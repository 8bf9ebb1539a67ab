import { randomUUID } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import type { AnswerOf, PushName, PushOf, RequestName, RequestOf } from '#protocol/events.ts'
import { uuidv7, type ClientId } from '#protocol/ids.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import type { Refusal, Reply } from '#protocol/reply.ts'
import type { Guest } from './signInGuest.ts'
import type { TestServer } from './startServer.ts'

export type Credentials = Pick<Guest, 'accessToken' | 'deviceId'>

/** A bare client: says what a test tells it to, and writes down all it hears. */
export type Caller<Who extends Credentials = Guest> = {
  socket: Socket
  guest: Who
  tabId: string
  ask: <N extends RequestName>(name: N, request: RequestOf<N>) => Promise<Reply<AnswerOf<N>>>
  /** As `ask`, for answers that must be good. */
  get: <N extends RequestName>(name: N, request: RequestOf<N>) => Promise<AnswerOf<N>>
  /** Everything pushed under this name so far, oldest first. */
  heard: <N extends PushName>(name: N) => PushOf<N>[]
  /** The first push under this name, past or future, that passes. */
  hears: <N extends PushName>(name: N, isIt?: (push: PushOf<N>) => boolean) => Promise<PushOf<N>>
  /** Names of everything pushed, and `disconnect` at the end. */
  log: string[]
  /** Resolves with the reason when the line is gone. */
  gone: Promise<string>
  hangUp: () => void
}

/** Longer than anything takes on a busy machine; only a failing test waits for it. */
const WAIT_MS = 15_000

type DialOptions = {
  tabId?: string
  gen?: number
  auth?: Record<string, unknown>
  headers?: Record<string, string>
  transports?: ('websocket' | 'polling')[]
  hello?: boolean
}

export class DialRefused extends Error {
  readonly data: { code?: string; retryAfterMs?: number; reload?: boolean } | undefined
  constructor(message: string, data: DialRefused['data']) {
    super(message)
    this.data = data
  }
}

/** Opens a connection and says hello. Rejects with `DialRefused` when the handshake is refused. */
export async function dial<Who extends Credentials>(server: Pick<TestServer, 'url'>, guest: Who, options: DialOptions = {}): Promise<Caller<Who>> {
  const { tabId = randomUUID(), gen = 1, transports = ['websocket'], hello = true } = options
  const auth = { proto: [1, 1], token: guest.accessToken, deviceId: guest.deviceId, tabId, gen, build: 'test', ...options.auth }
  const socket = io(server.url, {
    transports,
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    auth,
    ...(options.headers && { extraHeaders: options.headers }),
  })
  const pushes: { name: string; push: unknown }[] = []
  const log: string[] = []
  const waiting = new Set<() => void>()

  socket.onAny((name: string, push: unknown) => {
    pushes.push({ name, push })
    log.push(name)
    for (const look of waiting) look()
  })
  const gone = new Promise<string>((resolve) => {
    socket.once('disconnect', (reason) => {
      log.push('disconnect')
      resolve(reason)
    })
  })
  const heard: Caller['heard'] = <N extends PushName>(name: N) => pushes.filter((each) => each.name === name).map((each) => each.push as PushOf<N>)
  const ask: Caller['ask'] = (name, request) => socket.timeout(WAIT_MS).emitWithAck(name, request)
  const get: Caller['get'] = async (name, request) => {
    const reply = await ask(name, request)
    if (!reply.ok) throw new Error(`${name} was refused: ${JSON.stringify(reply satisfies Refusal)}`)
    return reply
  }
  const hears: Caller['hears'] = (name, isIt = () => true) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look)
        reject(new Error(`never heard ${name}; heard ${log.join(', ') || 'nothing'}`))
      }, WAIT_MS)
      const look = (): void => {
        const found = heard(name).find(isIt)
        if (found === undefined) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })

  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', (error: Error & { data?: DialRefused['data'] }) => {
      socket.disconnect()
      reject(new DialRefused(error.message, error.data))
    })
    socket.connect()
  })
  const caller: Caller<Who> = { socket, guest, tabId, ask, get, heard, hears, log, gone, hangUp: () => void socket.disconnect() }
  if (hello) await get('hello', { epoch: null, urev: 0, convs: {} })
  return caller
}

/** A new guest, connected. */
export async function join(server: TestServer, name?: string, options?: DialOptions): Promise<Caller> {
  return dial(server, await server.guest(name), options)
}

/** A message as a client would write it. */
export function draft(body: string, clientId = uuidv7(Date.now(), (bytes) => crypto.getRandomValues(bytes))): MessageDraft {
  return { clientId: clientId as ClientId, body, sentAt: Date.now() }
}

/** Resolves as soon as `isTrue`; rejects after `ms`. */
export async function until(isTrue: () => boolean | Promise<boolean>, ms = WAIT_MS): Promise<void> {
  const end = Date.now() + ms
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error('it never came true')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

import { randomUUID } from 'node:crypto'
import type { RequestName, RequestOf, AnswerOf, PushOf } from '#protocol/events.ts'
import { LOBBY, uuidv7, type ClientId, type ConversationId } from '#protocol/ids.ts'
import { BATCH_MAX } from '#protocol/limits.ts'
import type { Refusal, Reply } from '#protocol/reply.ts'
import type { SessionAnswer } from '#protocol/session.ts'
import { PROTOCOL } from '#protocol/version.ts'
import type { Dialect, Person, Talk } from './dialect.ts'
import { inParallel } from './inParallel.ts'
import { dial, type Wire } from './wire.ts'

/** People who come at once; a real herd is spread out by its back-off. */
const AT_ONCE = 50
const NEVER_HEARD_OF = { epoch: null, urev: 0, convs: {} }

/** Our own protocol, as the browser speaks it: guest over HTTP, handshake, hello, batches with one in flight per conversation. */
export const tidemark: Dialect = {
  room: LOBBY,

  people: (port, count) =>
    inParallel(AT_ONCE, Array.from({ length: count }), async (): Promise<Person> => {
      const deviceId = randomUUID()
      const { user, accessToken } = (await postTo(port, '/api/session/guest', { deviceId })) as SessionAnswer
      return { id: user.id, token: accessToken, deviceId }
    }),

  pair: async (port, a, b) => {
    const { conversation } = (await postTo(port, '/api/conversations/direct', { user: b.id }, a.token)) as { conversation: { id: string } }
    return conversation.id
  },

  connect: async (port, person, { onBodies, onLost }) => {
    const wire = await dialAs(port, person, {
      ...(onBodies && { onPush: (text: string) => onBodies(bodiesIn(text)) }),
      ...(onLost && { onLost }),
    })
    await request(wire, 'hello', NEVER_HEARD_OF)
    const post: Talk['post'] = (room, bodies, acknowledged) => {
      const [few, rest] = [bodies.slice(0, BATCH_MAX), bodies.slice(BATCH_MAX)]
      void send(wire, room, few.map(draftOf)).then((count) => {
        acknowledged(count)
        if (rest.length > 0) post(room, rest, acknowledged)
      })
    }
    return { post, shout: post, close: wire.close }
  },
}

export type Draft = RequestOf<'message:send'>['messages'][number]

export const draftOf = (body: string): Draft => ({ clientId: newId() as ClientId, body, sentAt: Date.now() })

/** Ids need no secrecy here, and a load generator has no time for it. */
const newId = (): string =>
  uuidv7(Date.now(), (bytes) => {
    for (let i = 6; i < bytes.length; i++) bytes[i] = Math.random() * 256
  })

/** How many were stored; throws when one was not. */
export async function send(wire: Wire, room: string, messages: Draft[]): Promise<number> {
  const { results } = await request(wire, 'message:send', { conv: room as ConversationId, messages })
  const refused = results.find((result) => !result.ok)
  if (refused) throw new Error(`a message was refused: ${JSON.stringify(refused)}`)
  return results.length
}

/** One connection attempt, up to the handshake. */
export function dialAs(port: number, person: Person, ears: { onPush?: (text: string) => void; onLost?: () => void } = {}): Promise<Wire> {
  const auth = { proto: [PROTOCOL.min, PROTOCOL.max], token: person.token, deviceId: person.deviceId, tabId: person.deviceId, gen: 1, build: 'bench' }
  return dial({ port, auth, ...ears })
}

/** The server said no. */
export class RefusedRequest extends Error {
  readonly retryAfterMs: number | undefined
  constructor(name: RequestName, { code, detail = '', retryAfterMs }: Refusal) {
    super(`${name} was refused: ${code} ${detail}`)
    this.retryAfterMs = retryAfterMs
  }
}

/** Rejects with `RefusedRequest`; never settles when the line is lost before the answer. */
export function request<N extends RequestName>(wire: Wire, name: N, payload: RequestOf<N>): Promise<AnswerOf<N>> {
  return new Promise((resolve, reject) => {
    wire.ask(name, payload, (answer) => {
      const reply = answer as Reply<AnswerOf<N>>
      if (reply.ok) resolve(reply)
      else reject(new RefusedRequest(name, reply))
    })
  })
}

/** What one push says about a log, unless it is about something else. */
export function logIn(text: string): PushOf<'log:events'> | undefined {
  return text.startsWith('["log:events"') ? (JSON.parse(text) as [string, PushOf<'log:events'>])[1] : undefined
}

const bodiesIn = (text: string): string[] => (logIn(text)?.events ?? []).flatMap((event) => ('message' in event ? [event.message.body] : []))

async function postTo(port: number, path: string, body: object, token?: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(`${path} was refused: ${JSON.stringify(answer)}`)
  return answer
}

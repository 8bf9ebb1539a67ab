import * as z from 'zod/mini'
import type { AnswerOf, RequestName, RequestOf } from '#protocol/events.ts'
import { REQUESTS } from '#protocol/requests.ts'
import { refusal, type Refusal, type Reply } from '#protocol/reply.ts'
import { refusalFor } from '#server/edge/refusalFor.ts'
import type { SocketEdge } from './socketEdge.ts'
import { hangUp, type Live } from './live.ts'
import { hasUnreadAnswers, unreadPackets } from './unread.ts'

/** What a request does. Returns the answer, or a refusal, or throws (`Refused`, `StorageError`, or a mistake of ours). */
export type Handler<N extends RequestName> = (
  edge: SocketEdge,
  live: Live,
  request: RequestOf<N>,
) => Promise<AnswerOf<N> | Refusal> | AnswerOf<N> | Refusal
export type Handlers<N extends RequestName = RequestName> = { [K in N]: Handler<K> }

/** Requests of one connection worked on at once, or answered and not read. A client keeps far below; more is a flood. */
const WINDOW = 64
const WINDOW_RETRY_MS = 500
/** Refusals take room as well: who asks on and on without reading them is cut. Far beyond what one turn of the loop can bring. */
const UNREAD_MAX = 10_000

type AnyHandler = (edge: SocketEdge, live: Live, request: unknown) => unknown

/**
 * The one gate for whatever comes in on a socket. One object argument, checked against its schema; answered exactly once; never
 * throws into the library. Before the hello is answered, everything else is refused, so that a stale frame can do no harm.
 */
export function makeGate(edge: SocketEdge, handlers: Handlers): (live: Live, name: string, args: unknown[]) => void {
  const isRequest = (name: string): name is RequestName => Object.hasOwn(REQUESTS, name)

  const admit = (live: Live, name: string, args: unknown[]): { refused: Refusal } | { name: RequestName; request: unknown } => {
    if (!isRequest(name)) return { refused: refusal('E_INVALID', { detail: 'no such request' }) }
    if (live.stage === 'leaving') return { refused: refusal('E_NO_SESSION') }
    if (live.stage === 'greeting' && name !== 'hello' && name !== 'hello:part')
      return { refused: refusal('E_NO_SESSION', { detail: 'hello comes first' }) }
    if (args.length !== 1) return { refused: refusal('E_INVALID', { detail: 'one object is expected' }) }
    const parsed = z.safeParse(REQUESTS[name], args[0])
    if (!parsed.success) return { refused: refusal('E_INVALID', { detail: whereOf(parsed.error) }) }
    const room = WINDOW - live.underWay
    if (room <= 0 || hasUnreadAnswers(live.socket, room)) return { refused: refusal('E_BUSY', { retryAfterMs: WINDOW_RETRY_MS }) }
    return { name, request: parsed.data }
  }

  const work = async (live: Live, name: RequestName, request: unknown): Promise<Reply> => {
    live.underWay += 1
    try {
      const result = await (handlers[name] as AnyHandler)(edge, live, request)
      return isRefusal(result) ? result : { ok: true, ...(result as object) }
    } catch (error) {
      return refusalFor(error, { name, user: live.who.user }, { log: edge.log, newId: edge.core.newId })
    } finally {
      live.underWay -= 1
    }
  }

  return (live, name, args) => {
    live.lastActivity = edge.core.now()
    if (unreadPackets(live.socket) > UNREAD_MAX) return hangUp(edge, live, 'E_RATE')
    const last = args.at(-1)
    const hasAck = typeof last === 'function'
    const say = (reply: Reply): void => {
      if (hasAck) (last as (reply: Reply) => void)(reply)
    }
    // no await up to the handler: requests of one connection start in the order they came in
    const admitted = admit(live, name, hasAck ? args.slice(0, -1) : args)
    if ('refused' in admitted) say(admitted.refused)
    else void work(live, admitted.name, admitted.request).then(say)
  }
}

const isRefusal = (result: unknown): result is Refusal => typeof result === 'object' && result !== null && 'ok' in result && result.ok === false

/** Which fields are wrong; never what was in them. */
function whereOf(error: z.core.$ZodError): string {
  const places = error.issues.slice(0, 3).map((issue) => `${issue.path.map(String).join('.') || 'request'}: ${issue.code}`)
  return places.join(', ').slice(0, 200)
}

import type { ConversationId, Epoch } from '#protocol/ids.ts'
import type { PushOf, AnswerOf } from '#protocol/events.ts'
import type { Position } from '#protocol/sync.ts'
import type { Person } from './dialect.ts'
import { dialAs, draftOf, logIn, request, send, type Draft } from './tidemark.ts'
import type { Wire } from './wire.ts'

/** Somebody who writes and reads in one conversation, remembers how far they read, and after every loss asks for what they missed. */
export type Follower = {
  /** Written and not acknowledged, oldest first; they are sent again after every return. */
  readonly unsettled: readonly Draft[]
  /** Client ids of the conversation's messages, by seq; complete up to its end. */
  readonly view: readonly string[]
  /** Dials, says hello, pulls what it missed, sends what is unsettled. Resolves after the pulls with what the hello took. */
  arrive: (port: number) => Promise<{ helloMs: number }>
  write: (bodies: string[]) => void
  close: () => void
}

type Log = PushOf<'log:events'>

/** @param onLost the line is gone */
export function makeFollower(person: Person, conv: string, onLost: () => void): Follower {
  const positions = new Map<string, Position>()
  const view: string[] = []
  let unsettled: Draft[] = []
  let epoch: Epoch | null = null
  let urev = 0
  let wire: Wire | undefined
  let pulling: Promise<void> | undefined

  /** Answers whether it fitted: false when something before it is missing. */
  const take = ({ conv: id, events }: Log): boolean => {
    for (const event of events) {
      const [rev, , marksRev] = positions.get(id) ?? [0, '', 0]
      if (event.rev <= rev) continue
      if (event.rev > rev + 1) return false
      positions.set(id, [event.rev, event.h, marksRev])
      if (id !== conv || !('message' in event)) continue
      if (event.message.seq !== view.length + 1) throw new Error(`seq ${event.message.seq} came after ${view.length}`)
      view.push(event.message.clientId)
    }
    return true
  }

  const pull = async (line: Wire, id: string): Promise<void> => {
    for (;;) {
      const from = positions.get(id)?.[0] ?? 0
      const answer = await request(line, 'sync:pull', { conv: id as ConversationId, from })
      if ('reset' in answer) {
        const { reset } = answer
        positions.set(id, [reset.rev, reset.h, reset.marksRev])
        if (id === conv) view.splice(0, view.length, ...reset.messages.map((message) => message.clientId))
        return
      }
      if (!take({ conv: id as ConversationId, events: answer.events })) throw new Error('a page with a hole')
      if (answer.to >= answer.head) return
    }
  }

  const catchUp = async (line: Wire, heads: AnswerOf<'hello'>['heads']): Promise<void> => {
    for (const [id, { rev, h, marksRev }] of Object.entries(heads)) {
      if (rev > (positions.get(id)?.[0] ?? 0)) await pull(line, id)
      const now = positions.get(id)
      positions.set(id, now ? [now[0], now[1], marksRev] : [rev, h, marksRev])
    }
  }

  const flush = (line: Wire): void => {
    if (unsettled.length === 0) return
    const batch = unsettled.slice()
    void send(line, conv, batch).then(() => (unsettled = unsettled.slice(batch.length)))
  }

  return {
    get unsettled() {
      return unsettled
    },
    view,
    arrive: async (port) => {
      const line = await dialAs(port, person, {
        onLost,
        onPush: (text) => {
          const log = logIn(text)
          if (log && !take(log)) pulling ??= pull(line, log.conv).finally(() => (pulling = undefined))
        },
      })
      wire = line
      pulling = undefined
      const start = performance.now()
      const hello = await request(line, 'hello', { epoch, urev, convs: Object.fromEntries(positions) })
      const helloMs = performance.now() - start
      epoch = hello.epoch
      urev = hello.urev
      await catchUp(line, hello.heads)
      flush(line)
      return { helloMs }
    },
    write: (bodies) => {
      unsettled.push(...bodies.map(draftOf))
      if (wire) flush(wire)
    },
    close: () => wire?.close(),
  }
}

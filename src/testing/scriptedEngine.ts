import type { Action } from '@reduxjs/toolkit'
import { onTestFinished } from 'vitest'
import { openEngine } from '#client/live/engine.ts'
import { openOperations } from '#client/live/operations.ts'
import type { Channel, Locks } from '#client/live/ports.ts'
import type { Storage } from '#client/live/storage.ts'
import type { TabMessage } from '#client/live/tabs.ts'
import { TIMING } from '#client/live/timing.ts'
import type { RequestName, RequestOf } from '#protocol/events.ts'
import { CHAIN_START, type ConversationId } from '#protocol/ids.ts'
import type { LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Head, Reset } from '#protocol/sync.ts'
import { ann, factsOf, heard, helloFacts, person } from './clientBuilders.ts'
import { memoryStorage } from './memoryStorage.ts'
import { scriptedNet, scriptedSurroundings, scriptedToken, type Dial } from './scriptedNet.ts'
import { virtualClock } from './virtualClock.ts'

export const NOTHING_NEW = { heads: {}, left: [], diverged: [], urev: 0 }
export const helloAnswer = (more: object = {}) => ({ ok: true, ...helloFacts(), tokenExpiresInMs: 1e9, ...NOTHING_NEW, ...more })

/** A conversation in which message n is entry n of the log. */
export const headAt = (rev: number, conv?: ConversationId): Head => ({
  rev,
  seq: rev,
  h: CHAIN_START,
  marksRev: 0,
  facts: factsOf(conv && { id: conv }),
})
export const resetTo = (messages: ChatMessage[], rev: number = messages.at(-1)?.seq ?? 0): Reset => ({
  ...headAt(rev, messages[0]?.conv),
  seq: messages.at(-1)?.seq ?? 0,
  messages,
  notes: [],
})
/** The answer to a pull: these messages and what follows up to `head`. */
export const pulled = (from: number, events: LogEvent[], head: number) => ({ ok: true, from, to: events.at(-1)?.rev ?? from, head, events })
export const heardAll = (messages: ChatMessage[]): LogEvent[] => messages.map((message) => heard(message))

export type Answers = { [N in RequestName]?: (payload: RequestOf<N>) => object | undefined }
const ASKED_MAX = 2_000
type More = { storage?: Storage; locks?: Locks; channel?: Channel<TabMessage>; /** A screen that may throw. */ shows?: (fact: Action) => void }

const NOBODY_ELSE: Channel<TabMessage> = { post: () => {}, subscribe: () => () => {}, close: () => {} }

/** However long a chain of promises is, it comes to its end first. */
const drained = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** The live tie of one tab against a server that is a table of answers. What the table leaves out is never answered. Ends with the test. */
export function scriptedEngine(answers: Answers = {}, more: More = {}) {
  const clock = virtualClock(undefined, drained)
  const network = scriptedNet()
  const browser = scriptedSurroundings()
  const { token, control } = scriptedToken(clock.now, 1e9)
  const storage = more.storage ?? memoryStorage()
  const emitted: Action[] = []
  const reported: unknown[] = []
  const asked: { name: RequestName; payload: object }[] = []
  const all: Answers = {
    hello: () => helloAnswer(),
    probe: ({ t }) => ({ ok: true, t, now: 5 }),
    'sync:heads': () => ({ ok: true, ...NOTHING_NEW }),
    'conversation:open': () => ({ ok: true }),
    'receipt:mark': ({ delivered = 0, read = 0 }) => ({ ok: true, delivered, read }),
    ...answers,
  }
  const engine = openEngine({
    me: person(ann),
    clock,
    random: { unit: () => 0.5, bytes: () => {} },
    net: network.net,
    token,
    surroundings: browser.surroundings,
    storage,
    timing: TIMING,
    locks: more.locks,
    channel: more.channel ?? NOBODY_ELSE,
    emit: (fact) => {
      more.shows?.(fact)
      emitted.push(fact)
    },
    report: (error) => void reported.push(error),
    fetchOperations: () => Promise.resolve({ openOperations }),
    storageTrouble: () => 'broken',
  })
  onTestFinished(() => engine.close())

  /** The dial that is under way gets through. */
  const connect = async (dial: Dial = network.last()) => {
    dial.answer = (name, payload) => {
      asked.push({ name, payload })
      // A client that asks without end would never let the test end either.
      if (asked.length > ASKED_MAX) return undefined
      return all[name]?.(payload as never)
    }
    dial.events.engineOpened('websocket')
    dial.events.connected()
    await clock.advance(1)
    return dial
  }
  /** The line is cut, and the next dial gets through. */
  const reconnect = async () => {
    network.last().events.lost('cut')
    await clock.advance(TIMING.BACKOFF_FIRST_MS * 2)
    return connect()
  }
  /** Time passes on a line on which something is heard every second. */
  const listen = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      network.last().events.heard()
      await clock.advance(Math.min(1_000, ms - passed))
    }
  }
  return {
    clock,
    network,
    browser,
    control,
    storage,
    emitted,
    reported,
    asked,
    engine,
    connect,
    reconnect,
    listen,
    push: async (name: Parameters<Dial['events']['pushed']>[0], raw: unknown) => {
      network.last().events.pushed(name, raw)
      await clock.advance(1)
    },
    /** What was asked under this name, oldest first. */
    of: <N extends RequestName>(name: N) => asked.filter((one) => one.name === name).map((one) => one.payload as RequestOf<N>),
  }
}

/** As `scriptedEngine`, and on the line. */
export async function startScripted(...parts: Parameters<typeof scriptedEngine>) {
  const it = scriptedEngine(...parts)
  await it.clock.advance(1)
  await it.connect()
  return it
}

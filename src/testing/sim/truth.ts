import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { LogEvent, UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { World } from './world.ts'

export type Truth = {
  conv: ConversationId
  messages: ChatMessage[]
  events: (LogEvent | UnknownEvent)[]
  floorRev: number
  floorSeq: number
  rev: number
  seq: number
  h: string
  members: ReadonlySet<UserId>
}

/** The conversations as the database has them. */
export async function readTruth(world: World): Promise<Map<ConversationId, Truth>> {
  const truth = new Map<ConversationId, Truth>()
  for (const conv of world.conversations) {
    const read = await world.servers.database.read<Truth>(async (tx) => {
      const { rev, seq, h, floorRev } = (await tx.conversation(conv))!
      const messages = await tx.messages(conv, { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 100_000, from: 'start' })
      const events = await tx.events(conv, floorRev, 100_000)
      const floorSeq = (messages[0]?.seq ?? seq + 1) - 1
      return { conv, messages, events, floorRev, floorSeq, rev, seq, h, members: new Set(await tx.memberIds(conv)) }
    })
    truth.set(conv, read)
  }
  return truth
}

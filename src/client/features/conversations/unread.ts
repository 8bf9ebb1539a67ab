import type { ConversationEntry } from './conversationsSlice.ts'

/** Below this seq nothing is unread: read already, or hidden because it was written before the person joined. */
export const readFloor = ({ facts }: ConversationEntry): number => Math.max(facts.read, facts.visibleFrom)

/** Messages of others after the read mark. Computed, never counted up, so it is the same on every device. */
export const unreadOf = (entry: ConversationEntry): number => {
  const floor = readFloor(entry)
  return Math.max(0, entry.head.seq - floor - entry.ownAbove.filter((seq) => seq > floor && seq <= entry.head.seq).length)
}

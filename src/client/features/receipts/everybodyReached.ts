import type { UserId } from '#protocol/ids.ts'
import type { Marks } from './receiptsSlice.ts'

/**
 * How far *all* other current members got, or null when that can't be said: nobody else is here, or the conversation is too large to
 * know its members.
 */
export function everybodyReached(members: readonly { id: UserId }[], marks: Record<UserId, Marks>, me: UserId | null): Marks | null {
  const others = members.filter((member) => member.id !== me)
  if (others.length === 0) return null
  let delivered = Infinity
  let read = Infinity
  for (const other of others) {
    delivered = Math.min(delivered, marks[other.id]?.delivered ?? 0)
    read = Math.min(read, marks[other.id]?.read ?? 0)
  }
  return { delivered, read }
}

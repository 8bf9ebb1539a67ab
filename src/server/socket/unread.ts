import type { ChatSocket } from './live.ts'

/** A reader this far behind in what it did not ask for is cut: it resumes by pulling, which costs nothing while it can't read. */
const SLOW = { PACKETS: 500, BYTES: 2 * 1024 * 1024 } as const

type Packet = { type: string; data?: unknown }

/** What was said to a connection and has not been handed to the network yet, because the other side does not read. */
const waiting = (socket: ChatSocket): readonly Packet[] => (socket.conn as unknown as { writeBuffer: Packet[] }).writeBuffer

/** A Socket.IO packet of this type answers a request. */
const isAnswer = ({ data }: Packet): boolean => typeof data === 'string' && data.startsWith('3')

export const unreadPackets = (socket: ChatSocket): number => waiting(socket).length

/** At least so many answers were asked for and are not being read. */
export function hasUnreadAnswers(socket: ChatSocket, count: number): boolean {
  let left = count
  for (const packet of waiting(socket)) {
    if (left === 0) break
    if (isAnswer(packet)) left -= 1
  }
  return left === 0
}

/** Answers are left out of the count: somebody on a slow line who asked for much is not a slow reader. */
export function isSlowReader(socket: ChatSocket): boolean {
  const packets = waiting(socket)
  if (packets.length < 2) return false
  let count = 0
  let bytes = 0
  for (const packet of packets) {
    if (typeof packet.data !== 'string' || isAnswer(packet)) continue
    count += 1
    bytes += packet.data.length
    if (count > SLOW.PACKETS || bytes > SLOW.BYTES) return true
  }
  return false
}

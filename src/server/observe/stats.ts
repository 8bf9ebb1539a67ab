import type { After, SocketsReport } from '#server/edge/edge.ts'
import { every } from '#server/edge/every.ts'
import type { Log } from './log.ts'

/** One line with the counts of connections every so often, as long as there are any or their number changed. Returns its end. */
export function keepStats(after: After, log: Log, everyMs: number, report: () => SocketsReport): () => void {
  let before = 0
  return every(after, everyMs, () => {
    const { totalSockets: total, authenticated, active, users, totalRooms: rooms } = report()
    if (total > 0 || before > 0) log.info({ event: 'connection_stats', total, authenticated, active, users, rooms }, 'connections')
    before = total
  })
}

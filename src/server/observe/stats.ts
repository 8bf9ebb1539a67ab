import type { SocketsReport } from '#server/edge/edge.ts'
import type { Log } from './log.ts'

/** One line with the counts of connections every so often, as long as there are any or their number changed. Returns its end. */
export function keepStats(log: Log, everyMs: number, report: () => SocketsReport): () => void {
  let before = 0
  const timer = setInterval(() => {
    const { totalSockets: total, authenticated, active, users, totalRooms: rooms } = report()
    if (total > 0 || before > 0) log.info({ event: 'connection_stats', total, authenticated, active, users, rooms }, 'connections')
    before = total
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

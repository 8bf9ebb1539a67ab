/** What anybody may know about this process: that it runs, for how long, and how many are connected. */
export type Health = {
  status: 'ok' | 'draining'
  connectedSockets: number
  uptime: number
  /** How late the event loop comes to what is due. */
  loopLagMs: number
  memory: { rss: number; heapUsed: number; heapTotal: number }
}

export function healthOf(parts: { draining: boolean; connectedSockets: number; loopLagMs: number }): Health {
  const { rss, heapUsed, heapTotal } = process.memoryUsage()
  return {
    status: parts.draining ? 'draining' : 'ok',
    connectedSockets: parts.connectedSockets,
    /** seconds */
    uptime: Math.round(process.uptime()),
    loopLagMs: Math.round(parts.loopLagMs),
    memory: { rss, heapUsed, heapTotal },
  }
}

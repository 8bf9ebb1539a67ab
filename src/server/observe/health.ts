/** What anybody may know about this process: that it runs, for how long, and how many are connected. */
export type Health = {
  status: 'ok' | 'draining'
  connectedSockets: number
  uptime: number
  memory: { rss: number; heapUsed: number; heapTotal: number }
}

export function healthOf(parts: { draining: boolean; connectedSockets: number }): Health {
  const { rss, heapUsed, heapTotal } = process.memoryUsage()
  return {
    status: parts.draining ? 'draining' : 'ok',
    connectedSockets: parts.connectedSockets,
    /** seconds */
    uptime: Math.round(process.uptime()),
    memory: { rss, heapUsed, heapTotal },
  }
}

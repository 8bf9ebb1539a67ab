import type { ConnectionReport, SocketsReport } from '#server/edge/edge.ts'
import type { Live } from './live.ts'
import type { SocketEdge } from './socketEdge.ts'

const ACTIVE_WITHIN_MS = 60_000

/** Everything an operator may see of the live connections. */
export function report(edge: SocketEdge, engineClients: number): SocketsReport {
  const { rooms: allRooms } = edge.io.sockets.adapter
  const rooms: Record<string, number> = {}
  // every socket has a room of its own name, which says nothing
  for (const [room, members] of allRooms) if (room.includes(':') || members.size > 1) rooms[room] = members.size
  const connections = [...edge.connections.all()].map(connectionReport)
  const since = edge.core.now() - ACTIVE_WITHIN_MS
  return {
    totalSockets: edge.io.sockets.sockets.size,
    engineClients,
    authenticated: connections.length,
    active: connections.filter((connection) => connection.lastActivity >= since).length,
    users: edge.connections.users(),
    totalRooms: Object.keys(rooms).length,
    rooms,
    connections,
  }
}

function connectionReport(live: Live): ConnectionReport {
  const { socket, who } = live
  return {
    socketId: socket.id,
    user: { id: who.user, name: live.name },
    tenantId: who.tenant,
    deviceId: who.device,
    sessionId: who.session,
    permissions: who.permissions,
    isAuthenticated: true,
    isActive: live.stage === 'active',
    isAlive: socket.connected,
    connectedAt: live.connectedAt,
    lastActivity: live.lastActivity,
    lastHeartbeat: live.lastHeartbeat,
    connectionAttempts: live.gen,
    reconnectCount: live.reconnectCount,
    lastReconnectTime: live.reconnectCount > 0 ? live.connectedAt : null,
    messageCount: live.messageCount,
    connectionType: socket.conn.transport.name,
    readyState: socket.conn.readyState,
    rooms: [...socket.rooms],
    currentRoom: [...live.open].at(-1) ?? null,
    clientInfo: live.clientInfo,
  }
}

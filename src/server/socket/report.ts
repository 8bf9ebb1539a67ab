import type { ConnectionReport, SocketsReport } from '#server/edge/edge.ts'
import type { Connections } from './connections.ts'
import type { ChatServer, Live } from './live.ts'

const ACTIVE_WITHIN_MS = 60_000

/** Everything an operator may see of the live connections. */
export function report(io: ChatServer, now: number, open: Connections, engineClients: number): SocketsReport {
  const { rooms: allRooms } = io.sockets.adapter
  const rooms: Record<string, number> = {}
  // every socket has a room of its own name, which says nothing
  for (const [room, members] of allRooms) if (room.includes(':') || members.size > 1) rooms[room] = members.size
  const connections = [...open.all()].map(connectionReport)
  const since = now - ACTIVE_WITHIN_MS
  return {
    totalSockets: io.sockets.sockets.size,
    engineClients,
    authenticated: connections.length,
    active: connections.filter((connection) => connection.lastActivity >= since).length,
    users: open.users(),
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

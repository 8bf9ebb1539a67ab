import { createServer } from 'node:http'
import { Server } from 'socket.io'

/** Socket.IO as every tutorial starts it, WebSocket only, on `PORT`. `/health` answers as soon as it listens. */
export function listen(): Server {
  const http = createServer((_request, response) => response.end('ok'))
  const io = new Server(http, { serveClient: false, perMessageDeflate: false, pingInterval: 10_000, pingTimeout: 10_000 })
  http.listen(Number(process.env['PORT']), '127.0.0.1')
  io.on('connection', (socket) => {
    socket.on('join', (room: string, joined: (answer: object) => void) => {
      void socket.join(room)
      joined({})
    })
  })
  return io
}

/** What is written into a room. The bare server passes it on as it is. */
export type Post = { id: string; room: string; body: string; sentAt: number }
export type Acknowledge = (answer: object) => void

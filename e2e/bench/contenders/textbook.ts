import { type Acknowledge, listen, type Post } from './listen.ts'
import { openTable } from './table.ts'

/* Insert, then broadcast: the chat server of most tutorials, with SQLite as it comes. */
const io = listen()
const table = openTable()

io.on('connection', (socket) => {
  socket.on('post', (post: Post, acknowledge: Acknowledge) => {
    table.add(post)
    socket.to(post.room).emit('posted', post)
    acknowledge({})
  })
})

import { type Acknowledge, listen, type Post } from './listen.ts'

/* Nothing is stored: pass on, acknowledge. What Socket.IO can do at best. */
const io = listen()

io.on('connection', (socket) => {
  socket.on('post', (post: Post, acknowledge: Acknowledge) => {
    socket.to(post.room).emit('posted', post)
    acknowledge({})
  })
  socket.on('shout', (post: Post, acknowledge: Acknowledge) => {
    io.to(post.room).emit('posted', post)
    acknowledge({})
  })
})

import { type Acknowledge, listen, type Post } from './listen.ts'
import { openTable } from './table.ts'

/* The least one can do to lose nothing: whatever arrives in one turn of the loop shares a commit, and is told afterwards. */
const io = listen()
const table = openTable('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000')
const waiting: { post: Post; tell: () => void }[] = []

function commit(): void {
  const group = waiting.splice(0)
  table.exec('BEGIN IMMEDIATE')
  for (const { post } of group) table.add(post)
  table.exec('COMMIT')
  for (const { tell } of group) tell()
}

io.on('connection', (socket) => {
  socket.on('post', (post: Post, acknowledge: Acknowledge) => {
    if (waiting.length === 0) setImmediate(commit)
    waiting.push({
      post,
      tell: () => {
        socket.to(post.room).emit('posted', post)
        acknowledge({})
      },
    })
  })
})

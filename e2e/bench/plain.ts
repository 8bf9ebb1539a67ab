import { randomUUID } from 'node:crypto'
import type { Post } from '#e2e/bench/contenders/listen.ts'
import type { Dialect, Talk } from './dialect.ts'
import { dial } from './wire.ts'

/**
 * The servers in `contenders/`: no session, one event per message.
 *
 * @param batch above 1, that many messages travel in one event, which only a server that looks at none of them can take
 */
export function plain({ batch }: { batch: number }): Dialect {
  return {
    room: 'everybody',
    people: async (_port, count) => Array.from({ length: count }, () => ({ id: randomUUID(), token: '', deviceId: '' })),
    pair: async (_port, a, b) => `${a.id} ${b.id}`,

    connect: async (port, _person, { rooms, onBodies, onLost }) => {
      const wire = await dial({
        port,
        ...(onBodies && { onPush: (text: string) => onBodies(bodiesIn(text)) }),
        ...(onLost && { onLost }),
      })
      for (const room of rooms) await new Promise((joined) => wire.ask('join', room, joined))
      const say =
        (event: 'post' | 'shout'): Talk['post'] =>
        (room, bodies, acknowledged) => {
          for (let i = 0; i < bodies.length; i += batch) {
            const few = bodies.slice(i, i + batch)
            wire.ask(event, postOf(room, few), () => acknowledged(few.length))
          }
        }
      return { post: say('post'), shout: say('shout'), close: wire.close }
    },
  }
}

const postOf = (room: string, bodies: string[]): Post | { room: string; posts: Post[] } => {
  const posts = bodies.map((body): Post => ({ id: randomUUID(), room, body, sentAt: Date.now() }))
  return posts.length === 1 ? posts[0]! : { room, posts }
}

function bodiesIn(text: string): string[] {
  const [, push] = JSON.parse(text) as [string, Post | { posts: Post[] }]
  return 'posts' in push ? push.posts.map((post) => post.body) : [push.body]
}

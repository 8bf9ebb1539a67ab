import type { UserId } from '#protocol/ids.ts'
import type { Note } from '#protocol/log.ts'

/** A join, leave or rename as a line between messages. */
export function noteWords(note: Note, me: UserId | null): string {
  if (note.kind === 'meta') return `The name is now “${note.name}”`
  const who = note.person.id === me ? 'You' : note.person.name
  if (note.kind === 'join') return note.actor === note.person.id || note.actor === me ? `${who} joined` : `${who} ${who === 'You' ? 'were' : 'was'} added`
  return note.actor === note.person.id ? `${who} left` : `${who} ${who === 'You' ? 'were' : 'was'} removed`
}

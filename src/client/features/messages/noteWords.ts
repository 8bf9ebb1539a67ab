import type { UserId } from '#protocol/ids.ts'
import type { Note } from '#protocol/log.ts'
import { dayOf } from './clock.ts'

/** From this many joins in a row on they share one line: a lobby would be nothing but joins otherwise. */
const JOINS_TOGETHER = 3

const isOwnJoin = (note: Note): boolean => note.kind === 'join' && note.actor === note.person.id

/** Notes as lines: each alone, but for runs of people joining by themselves on one day. */
export function noteRuns(notes: readonly Note[]): Note[][] {
  const runs: Note[][] = []
  for (const note of notes) {
    const run = runs.at(-1)
    if (run && isOwnJoin(note) && isOwnJoin(run[0]!) && dayOf(run[0]!.at) === dayOf(note.at)) run.push(note)
    else runs.push([note])
  }
  return runs.flatMap((run) => (run.length < JOINS_TOGETHER ? run.map((note) => [note]) : [run]))
}

/** What one line says: "Ada joined", "Ada, Ben and 3 others joined", "You were removed", "The name is now “Weekend”". */
export function noteWords(run: readonly Note[], me: UserId | null): string {
  const note = run[0]!
  if (run.length > 1) {
    const names = run.map((entry) => (entry.kind === 'join' ? who(entry.person, me) : ''))
    const others = names.length - 2
    return `${names[0]}, ${names[1]} and ${others === 1 ? names[2] : `${others} others`} joined`
  }
  if (note.kind === 'meta') return `The name is now “${note.name}”`
  const { person, actor } = note
  const by = actor === person.id ? null : person.id === me ? 'were' : 'was'
  if (note.kind === 'join') return by ? `${who(person, me)} ${by} added` : `${who(person, me)} joined`
  return by ? `${who(person, me)} ${by} removed` : `${who(person, me)} left`
}

const who = (person: { id: UserId; name: string }, me: UserId | null): string => (person.id === me ? 'You' : person.name)

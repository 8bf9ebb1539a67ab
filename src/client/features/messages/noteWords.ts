import { t } from '#client/words/t.ts'
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
    const [one, other] = [names[0]!, names[1]!]
    return others === 1
      ? t('{one}, {other} and {third} joined', { one, other, third: names[2]! })
      : t('{one}, {other} and {n} others joined', { one, other, n: others })
  }
  if (note.kind === 'meta') return t('The name is now “{name}”', { name: note.name })
  const { person, actor } = note
  const isOwn = actor === person.id
  const { name } = person
  if (person.id === me) {
    if (note.kind === 'join') return isOwn ? t('You joined') : t('You were added')
    return isOwn ? t('You left') : t('You were removed')
  }
  if (note.kind === 'join') return isOwn ? t('{name} joined', { name }) : t('{name} was added', { name })
  return isOwn ? t('{name} left', { name }) : t('{name} was removed', { name })
}

const who = (person: { id: UserId; name: string }, me: UserId | null): string => (person.id === me ? t('You') : person.name)

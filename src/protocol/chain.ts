import { CHAIN_START } from './ids.ts'
import type { FileId } from './ids.ts'
import type { LogEvent } from './log.ts'

/** What a link of the hash chain covers; absent parts count as empty text. */
export type Link = { kind: string; messageId?: string; opId?: string; bodyHash?: string }

/**
 * What the hash of a log after one more event is made of: the previous hash (its 8 bytes) and the UTF-8 text
 * `kind|messageId|opId|bodyHash`, the last being the hexadecimal SHA-256 of the text. The hash is the first 8 bytes, hexadecimal, of the
 * SHA-256 of that. Two logs with the same hash at the same rev are the same up to there.
 */
export function linkBytes(previous: string, { kind, messageId = '', opId = '', bodyHash = '' }: Link): Uint8Array<ArrayBuffer> {
  const text = `${kind}|${messageId}|${opId}|${bodyHash}`
  const size = previous.length / 2
  // All of it is ASCII, so a character is a byte.
  const bytes = new Uint8Array(size + text.length)
  for (let i = 0; i < size; i++) bytes[i] = Number.parseInt(previous.slice(2 * i, 2 * i + 2), 16)
  for (let i = 0; i < text.length; i++) bytes[size + i] = text.charCodeAt(i)
  return bytes
}

/** From a SHA-256 over `linkBytes`, hexadecimal. */
export const chainHashFrom = (sha256: string): string => sha256.slice(0, CHAIN_START.length)

/** What of a new message its link covers: the text, and which files. No text holds the character between them. */
export const covered = (body: string, files: readonly { id: FileId }[] = []): string => [body, ...files.map(({ id }) => id)].join('\0')

/** The text an event's link covers: undefined where it covers none, or where it is not here any more (edited since, deleted, withheld). */
export function textOf(event: LogEvent): { text: string } | 'none' | 'unknown' {
  if (event.kind === 'new') return event.message.version === event.rev ? { text: covered(event.message.body, event.message.files) } : 'unknown'
  if (event.kind === 'edit') return event.body === '' ? 'unknown' : { text: event.body }
  return 'none'
}

export function linkOf(event: LogEvent, bodyHash: string): Link {
  if (event.kind === 'new') return { kind: 'new', messageId: event.message.id, bodyHash }
  return 'messageId' in event ? { kind: event.kind, messageId: event.messageId, opId: event.opId, bodyHash } : { kind: event.kind }
}

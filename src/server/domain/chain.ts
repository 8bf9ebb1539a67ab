import { CHAIN_START } from '#protocol/ids.ts'

/** What a link of the hash chain covers; absent parts count as empty text. */
export type Link = { kind: string; messageId?: string; opId?: string; bodyHash?: string }

/**
 * The hash of a log after one more event: the first 8 bytes, hexadecimal, of SHA-256 over the previous hash (its 8 bytes) and the
 * UTF-8 text `kind|messageId|opId|bodyHash`, the last being the hexadecimal SHA-256 of the text. Two logs with the same hash at the same rev are the same up to there.
 */
export function chainAfter(
  sha256: (bytes: Uint8Array) => string,
  previous: string,
  { kind, messageId = '', opId = '', bodyHash = '' }: Link,
): string {
  const text = `${kind}|${messageId}|${opId}|${bodyHash}`
  const size = previous.length / 2
  // All of it is ASCII, so a character is a byte.
  const bytes = new Uint8Array(size + text.length)
  for (let i = 0; i < size; i++) bytes[i] = Number.parseInt(previous.slice(2 * i, 2 * i + 2), 16)
  for (let i = 0; i < text.length; i++) bytes[size + i] = text.charCodeAt(i)
  return sha256(bytes).slice(0, CHAIN_START.length)
}

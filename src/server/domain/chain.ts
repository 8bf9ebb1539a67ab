import { CHAIN_START } from '#protocol/ids.ts'

/** What a link of the hash chain covers; absent parts count as empty text. */
export type Link = { kind: string; messageId?: string; opId?: string; bodyHash?: string }

/**
 * The hash of a log after one more event: the first 8 bytes, hexadecimal, of SHA-256 over the previous hash (its 8 bytes) and the
 * UTF-8 text `kind|messageId|opId|bodyHash`, the last being the hexadecimal SHA-256 of the text. Two logs with the same hash at the same rev are the same up to there.
 */
export function chainAfter(sha256: (bytes: Uint8Array) => string, previous: string, { kind, messageId = '', opId = '', bodyHash = '' }: Link): string {
  return sha256(Buffer.from(`${latin1(previous)}${kind}|${messageId}|${opId}|${bodyHash}`, 'latin1')).slice(0, CHAIN_START.length)
}

/** The previous hash as one character per byte. Everything else in a link is ASCII, so `latin1` writes the same bytes as UTF-8 would. */
function latin1(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1')
}

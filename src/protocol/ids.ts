import * as z from 'zod/mini'

/**
 * Identifiers as they travel. Each is a branded string, so that a user id can't be passed where a conversation id is meant.
 *
 * `ClientId` is the optimistic temporary id, the idempotency key and the React key of a message: minted once, when the person
 * presses Enter, and never changed by any retry. `MessageId` is minted by the server when the message is stored.
 */
const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/))
const uuid = z.string().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/))

export const UserId = id.brand<'UserId'>()
export type UserId = z.infer<typeof UserId>

/** A browser profile (localStorage); the tabs of one browser are one device. */
export const DeviceId = uuid.brand<'DeviceId'>()
export type DeviceId = z.infer<typeof DeviceId>

/** One tab (sessionStorage). */
export const TabId = uuid.brand<'TabId'>()
export type TabId = z.infer<typeof TabId>

export const SessionId = uuid.brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** `lobby` for the public lobby, a UUIDv7 for every other conversation. */
export const ConversationId = id.brand<'ConversationId'>()
export type ConversationId = z.infer<typeof ConversationId>

export const ClientId = uuid.brand<'ClientId'>()
export type ClientId = z.infer<typeof ClientId>

export const MessageId = uuid.brand<'MessageId'>()
export type MessageId = z.infer<typeof MessageId>

/** Idempotency key of an edit, deletion or reaction. */
export const OperationId = uuid.brand<'OperationId'>()
export type OperationId = z.infer<typeof OperationId>

/** The picture somebody has chosen; another one has another id. */
export const PictureId = uuid.brand<'PictureId'>()
export type PictureId = z.infer<typeof PictureId>

/** A file of a message, by the browser it comes from. */
export const FileId = uuid.brand<'FileId'>()
export type FileId = z.infer<typeof FileId>

/** Identity of one database incarnation; a restored backup gets a new one. */
export const Epoch = uuid.brand<'Epoch'>()
export type Epoch = z.infer<typeof Epoch>

export const LOBBY = 'lobby' as ConversationId

/** Gap-free number of a message in its conversation, from 1. */
export const Seq = z.int().check(z.nonnegative())
/** Gap-free number of an event in its conversation's log, from 1; 0 means "nothing yet". */
export const Rev = z.int().check(z.nonnegative())
/** Server time in milliseconds since the epoch, unless the field says `sentAt` (the writer's clock). */
export const Millis = z.int().check(z.nonnegative())
/** First 8 bytes of the log's hash chain at a rev, as 16 hexadecimal digits. */
export const ChainHash = z.string().check(z.regex(/^[0-9a-f]{16}$/))
/** The hash before the first event: 8 zero bytes. */
export const CHAIN_START = '0000000000000000'

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then chance; sorts by time of creation.
 *
 * @param now milliseconds since the epoch
 * @param random fills the given array with random bytes
 */
export function uuidv7(now: number, random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const bytes = new Uint8Array(16)
  random(bytes)
  let time = now
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256
    time = Math.floor(time / 256)
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  let text = ''
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-'
    text += (bytes[i]! + 0x100).toString(16).slice(1)
  }
  return text
}

/** What client and server both hold each other to. Units are in the names. */

/** Longest message, counted in graphemes as a person counts characters (client) … */
export const BODY_MAX_GRAPHEMES = 4_000
/** … and in UTF-8 bytes (both sides). */
export const BODY_MAX_BYTES = 32 * 1024
/** Messages in one `message:send`. */
export const BATCH_MAX = 20
/** JSON bytes of the bodies in one `message:send`; stays well below `FRAME_MAX_BYTES`, beyond which the transport hangs up. */
export const BATCH_MAX_BYTES = 64 * 1024
/** Socket.IO `maxHttpBufferSize`: a frame beyond it closes the connection, so nothing we send may come near. */
export const FRAME_MAX_BYTES = 256 * 1024
/** Conversations in one part of `hello` or `sync:heads`. */
export const HEADS_MAX = 2_000
/** Events in one answer to `sync:pull`, messages in one `history:page`. */
export const PAGE_MAX = 200
/**
 * No answer that can be given in parts is longer than about this, as JSON, so that it comes down a very slow line (20 kbit/s, or 2500
 * bytes a second) within 6.6 s: nothing is heard of an answer before it is complete, a heartbeat queues behind it, and a client waits 8 s.
 * It asks on. Overhead counts: a short message takes 300 bytes, and one alone may be longer than this.
 */
export const ANSWER_BYTES = 16 * 1024
/** A client on a line that has shown to be fast may ask for as much in one answer to `sync:pull`. */
export const PULL_BYTES_MAX = 128 * 1024
/** Messages in a reset: the newest page of a conversation that is opened for the first time or after a very long absence. */
export const RESET_MESSAGES = 50
/** A client further behind than this many events gets a reset with a hole instead of every event. */
export const PULL_RESET_BEYOND = 1_000
/** People in one `presence:watch`. */
export const WATCH_MAX = 200
/** Conversations with more members than this show counts instead of every member's marks. */
export const MARKS_MAX_MEMBERS = 50
/** Names of people and groups, in graphemes. */
export const NAME_MAX_GRAPHEMES = 60
/** A picture of somebody: a JPEG of so many bytes, and so many pixels wide and high. */
export const PICTURE_MAX_BYTES = 64 * 1024
export const PICTURE_MAX_PIXELS = 512
/** Files of one message. */
export const FILES_MAX = 10
/** Bytes of one file; a server may take less (`LIMIT_FILE_BYTES`). */
export const FILE_MAX_BYTES = 1024 * 1024 * 1024
/** Its name, in characters. */
export const FILE_NAME_MAX = 200
/** A picture that claims to be wider or higher is none. */
export const FILE_PIXELS_MAX = 65_535
/** Messages to somebody who has not agreed to the conversation yet. */
export const REQUEST_MESSAGES_MAX = 20
/** Answers to one search for people. */
export const PEOPLE_MAX = 20
/** What is searched for, in characters. */
export const SEARCH_TEXT_MAX = 200
/** Messages in one answer to a search. */
export const SEARCH_PAGE = 20
/** Why somebody is reported, in characters. */
export const REPORT_MAX = 1_000
/** Names to sign in with, in characters. */
export const LOGIN_MIN = 3
export const LOGIN_MAX = 64
/** Least length of a password in characters (code points), and most in UTF-8 bytes: hashing a longer one is only work. */
export const PASSWORD_MIN = 10
export const PASSWORD_MAX_BYTES = 1_024
/** Passkeys of one person. */
export const PASSKEYS_MAX = 10
/** Browsers in which one person may be signed in; the tabs of one are one. */
export const DEVICES_MAX = 5

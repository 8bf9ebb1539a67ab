import type { Notice } from './noticesSlice.ts'

/** What longer notices say: words that are only needed once something happened. */
export const NOTICE_WORDS = {
  past: 'The server went back to a backup. What you wrote since is being sent again.',
  missing: 'This browser can’t keep messages over a reload. Keep this page open until everything is sent.',
  blocked: 'Another tab blocks the storage of this browser. Close other tabs, and keep this page open until everything is sent.',
  full: 'The storage of this device is full. Free some space, and keep this page open until everything is sent.',
  broken: 'The storage of this browser failed. Keep this page open until everything is sent, then reload it.',
} as const

/** Some of them may have arrived: the note of what waited can be older than the damage. */
const vanishedWords = (count: number): string =>
  count === 1
    ? '1 message that waited on this device could not be read back. Look whether it arrived, and write it again if it did not.'
    : `${count} messages that waited on this device could not be read back. Look which of them arrived, and write the others again.`

export function textOfNotice({ text }: Notice): string {
  if (typeof text === 'string') return text
  return 'vanished' in text ? vanishedWords(text.vanished) : NOTICE_WORDS[text.words]
}

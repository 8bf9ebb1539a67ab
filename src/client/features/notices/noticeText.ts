import type { Notice } from './noticesSlice.ts'

/** What longer notices say: words that are only needed once something happened. */
export const NOTICE_WORDS = {
  past: 'The server went back to a backup. What you wrote since is being sent again.',
  missing: 'This browser can’t keep messages over a reload. Keep this page open until everything is sent.',
  blocked: 'Another tab blocks the storage of this browser. Close other tabs, and keep this page open until everything is sent.',
  full: 'The storage of this device is full. Free some space, and keep this page open until everything is sent.',
  broken: 'The storage of this browser failed. Keep this page open until everything is sent, then reload it.',
} as const

export const textOfNotice = ({ text }: Notice): string => (typeof text === 'string' ? text : NOTICE_WORDS[text.words])

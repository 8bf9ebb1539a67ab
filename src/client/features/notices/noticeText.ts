import type { Notice } from './noticesSlice.ts'

const STORAGE_WORDS = {
  missing: 'This browser can’t keep messages over a reload. Keep this page open until everything is sent.',
  blocked: 'Another tab blocks the storage of this browser. Close other tabs, and keep this page open until everything is sent.',
  full: 'The storage of this device is full. Free some space, and keep this page open until everything is sent.',
  broken: 'The storage of this browser failed. Keep this page open until everything is sent, then reload it.',
} as const

/** What a notice says: words that are only needed once something happened. */
export function textOfNotice(notice: Notice): string {
  switch (notice.kind) {
    case 'removed':
      return 'You were removed from this conversation.'
    case 'identity':
      return `${notice.wasGuest ? 'Your guest session ended' : 'You are signed in as someone else'}; you are now ${notice.name}.`
    case 'storage':
      return STORAGE_WORDS[notice.reason]
    case 'missed':
      return `${notice.messages} new in ${notice.conversations} ${notice.conversations === 1 ? 'conversation' : 'conversations'}`
    case 'past':
      return 'The server went back to a backup. What you wrote since is being sent again.'
    case 'unchanged':
      return `A message stays as it was; it could not be changed to “${notice.text}”.`
    case 'undeleted':
      return 'A message could not be deleted. It is still there; try again.'
    case 'unattached':
      return notice.words
    case 'unshown':
      return notice.gone ? 'That message is not there any more.' : 'That message could not be loaded. Try again when you have a connection.'
    case 'guestEnds':
      return 'You had not been here for long. Guests who stay away are removed: keep your account in the settings to come back whenever you like.'
    case 'newVersion':
      return 'A new version of Tidemark is here. Messages and drafts stay when you reload; finish what you are changing first.'
    case 'vanished':
      // Some may have arrived: the note of what waited can be older than the damage.
      return notice.count === 1
        ? '1 message that waited on this device could not be read back. Look whether it arrived, and write it again if it did not.'
        : `${notice.count} messages that waited on this device could not be read back. Look which of them arrived, and write the others again.`
  }
}

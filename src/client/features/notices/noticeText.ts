import { plural, t } from '#client/words/t.ts'
import type { Notice } from './noticesSlice.ts'

const storageWords = () => ({
  missing: t('This browser can’t keep messages over a reload. Keep this page open until everything is sent.'),
  blocked: t('Another tab blocks the storage of this browser. Close other tabs, and keep this page open until everything is sent.'),
  full: t('The storage of this device is full. Free some space, and keep this page open until everything is sent.'),
  broken: t('The storage of this browser failed. Keep this page open until everything is sent, then reload it.'),
})

/** What a notice says: words that are only needed once something happened. */
export function textOfNotice(notice: Notice): string {
  switch (notice.kind) {
    case 'removed':
      return t('You were removed from this conversation.')
    case 'identity':
      return notice.wasGuest
        ? t('Your guest session ended; you are now {name}.', { name: notice.name })
        : t('You are signed in as someone else; you are now {name}.', { name: notice.name })
    case 'storage':
      return storageWords()[notice.reason]
    case 'missed':
      return plural(notice.conversations, '{messages} new in 1 conversation', '{messages} new in {n} conversations', { messages: notice.messages })
    case 'past':
      return t('The server went back to a backup. What you wrote since is being sent again.')
    case 'unchanged':
      return t('A message stays as it was; it could not be changed to “{text}”.', { text: notice.text })
    case 'undeleted':
      return t('A message could not be deleted. It is still there; try again.')
    case 'unattached':
      return notice.words
    case 'unshown':
      return notice.gone ? t('That message is not there any more.') : t('That message could not be loaded. Try again when you have a connection.')
    case 'guestEnds':
      return t('You had not been here for long. Guests who stay away are removed: keep your account in the settings to come back whenever you like.')
    case 'newVersion':
      return t('A new version of Tidemark is here. Messages and drafts stay when you reload; finish what you are changing first.')
    case 'vanished':
      // Some may have arrived: the note of what waited can be older than the damage.
      return plural(
        notice.count,
        '1 message that waited on this device could not be read back. Look whether it arrived, and write it again if it did not.',
        '{n} messages that waited on this device could not be read back. Look which of them arrived, and write the others again.',
      )
  }
}

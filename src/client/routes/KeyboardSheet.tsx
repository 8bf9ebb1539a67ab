import { Dialog } from '#client/ui/Dialog.tsx'
import { t } from '#client/words/t.ts'
import styles from './KeyboardSheet.module.css'

const MOD = /Mac/.test(navigator.platform) ? '⌘' : 'Ctrl'

type Keys = readonly string[]
/** What can be done, and by which keys; one of several ways each. */
const sheet = (): readonly { about: string; rows: readonly { words: string; ways: readonly Keys[] }[] }[] => [
  {
    about: t('Everywhere'),
    rows: [
      { words: t('Find a conversation, a person or a message'), ways: [[MOD, 'K']] },
      {
        words: t('Next conversation, and the one before'),
        ways: [
          ['Alt', '↓'],
          ['Alt', '↑'],
        ],
      },
      { words: t('Go round: conversations, messages, your words'), ways: [['F6'], ['Shift', 'F6']] },
      { words: t('This list'), ways: [['?'], [MOD, '/']] },
    ],
  },
  {
    about: t('While you write'),
    rows: [
      { words: t('Send'), ways: [['Enter']] },
      { words: t('New line'), ways: [['Shift', 'Enter']] },
      { words: t('Change your last message, when the field is empty'), ways: [['↑']] },
      { words: t('Leave a reply or a change'), ways: [['Esc']] },
    ],
  },
  {
    about: t('Among the messages'),
    rows: [
      { words: t('To the message above or below'), ways: [['↑'], ['↓']] },
      { words: t('To the first and the last one here'), ways: [['Home'], ['End']] },
      { words: t('What can be done about it, and from one to the next'), ways: [['Enter'], ['←'], ['→']] },
      { words: t('Reply'), ways: [['R']] },
      { words: t('Edit'), ways: [['E']] },
      { words: t('Delete'), ways: [['Del']] },
      { words: t('Back to your words'), ways: [['Esc']] },
    ],
  },
]

/** Everything that can be done by keys that nobody would guess. */
export function KeyboardSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t('Keyboard')} onClose={onClose}>
      {sheet().map(({ about, rows }) => (
        <section key={about} aria-label={about}>
          <h3 className={styles.about}>{about}</h3>
          <dl className={styles.rows}>
            {rows.map(({ words, ways }) => (
              <div key={words}>
                <dt>{words}</dt>
                <dd>
                  {ways.map((keys) => (
                    <span key={keys.join(' ')}>
                      {keys.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </span>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  )
}

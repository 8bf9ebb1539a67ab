import { Dialog } from '#client/ui/Dialog.tsx'
import styles from './KeyboardSheet.module.css'

const MOD = /Mac/.test(navigator.platform) ? '⌘' : 'Ctrl'

type Keys = readonly string[]
/** What can be done, and by which keys; one of several ways each. */
const SHEET: readonly { about: string; rows: readonly { words: string; ways: readonly Keys[] }[] }[] = [
  {
    about: 'Everywhere',
    rows: [
      { words: 'Find a conversation, a person or a message', ways: [[MOD, 'K']] },
      {
        words: 'Next conversation, and the one before',
        ways: [
          ['Alt', '↓'],
          ['Alt', '↑'],
        ],
      },
      { words: 'Go round: conversations, messages, your words', ways: [['F6'], ['Shift', 'F6']] },
      { words: 'This list', ways: [['?'], [MOD, '/']] },
    ],
  },
  {
    about: 'While you write',
    rows: [
      { words: 'Send', ways: [['Enter']] },
      { words: 'New line', ways: [['Shift', 'Enter']] },
      { words: 'Change your last message, when the field is empty', ways: [['↑']] },
      { words: 'Leave a reply or a change', ways: [['Esc']] },
    ],
  },
  {
    about: 'Among the messages',
    rows: [
      { words: 'To the message above or below', ways: [['↑'], ['↓']] },
      { words: 'To the first and the last one here', ways: [['Home'], ['End']] },
      { words: 'What can be done about it, and from one to the next', ways: [['Enter'], ['←'], ['→']] },
      { words: 'Reply', ways: [['R']] },
      { words: 'Edit', ways: [['E']] },
      { words: 'Delete', ways: [['Del']] },
      { words: 'Back to your words', ways: [['Esc']] },
    ],
  },
]

/** Everything that can be done by keys that nobody would guess. */
export function KeyboardSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      {SHEET.map(({ about, rows }) => (
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

import { operationRequested } from '#client/live/facts.ts'
import { changeOf } from '#client/store/changeOf.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectPersonName } from '#client/store/selectors/oneMessage.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { cx } from '#client/ui/cx.ts'
import { plural, t } from '#client/words/t.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import styles from './MessageRow.module.css'
import type { MessageRow } from './rowsFor.ts'

/** Under a message, what people think of it: each emoji once, with how many. Pressing one adds oneself or takes oneself away. */
export function Reactions({ conv, row }: { conv: ConversationId; row: MessageRow }) {
  return (
    <ul className={styles.reactions} aria-label={t('Reactions')}>
      {Object.entries(row.reactions ?? {}).map(([emoji, users]) => (
        <li key={emoji}>
          <Reaction conv={conv} row={row} emoji={emoji} users={users} />
        </li>
      ))}
    </ul>
  )
}

type ReactionProps = { conv: ConversationId; row: MessageRow; emoji: string; users: UserId[] }

function Reaction({ conv, row, emoji, users }: ReactionProps) {
  const dispatch = useAppDispatch()
  const me = useAppSelector(selectMyId)
  const names = useAppSelector((state) => namesOf(users, me, (user) => selectPersonName(state, conv, user)))
  const isMine = me !== null && users.includes(me)
  return (
    <button
      type="button"
      className={cx(styles.reaction, row.changing === 'react' && styles.reactionWaits)}
      aria-pressed={isMine}
      aria-label={`${emoji} ${users.length}, ${names}`}
      title={names}
      tabIndex={-1}
      onClick={() =>
        dispatch(operationRequested(changeOf(conv, { clientId: row.clientId, sender: row.sender }, { kind: isMine ? 'unreact' : 'react', emoji })))
      }
    >
      <span className="emoji">{emoji}</span> {users.length}
    </button>
  )
}

const NAMED_MAX = 10

/** "You, Ben and 3 more": who is not known here is counted. */
function namesOf(users: UserId[], me: UserId | null, nameOf: (user: UserId) => string | undefined): string {
  const known = users.map((user) => (user === me ? undefined : nameOf(user))).filter((name) => name !== undefined)
  const named = [...(me !== null && users.includes(me) ? [t('You')] : []), ...known].slice(0, NAMED_MAX)
  const others = users.length - named.length
  if (others > 0) named.push(named.length === 0 ? plural(others, '1 person', '{n} people') : t('{n} more', { n: others }))
  return named.length > 1 ? t('{names} and {last}', { names: named.slice(0, -1).join(t(', ')), last: named.at(-1)! }) : named.join('')
}

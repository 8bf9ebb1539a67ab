import { useAppSelector } from '#client/store/hooks.ts'
import { selectEntry } from '#client/store/selectors/conversations.ts'
import { selectStored } from '#client/store/selectors/oneMessage.ts'
import { Dialog } from '#client/ui/Dialog.tsx'
import { timeWithSeconds } from '#client/words/formatDate.ts'
import { t } from '#client/words/t.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { dateAndTime } from './clock.ts'
import styles from './MessageDetails.module.css'
import type { MessageRow } from './rowsFor.ts'

const moment = (at: number) => `${dateAndTime(at)} (${timeWithSeconds(at)})`

type MessageDetailsProps = { conv: ConversationId; row: MessageRow; onClose: () => void }

/** What is known about one message: when it was written and stored, who has it and who has read it. */
export function MessageDetails({ conv, row, onClose }: MessageDetailsProps) {
  const stored = useAppSelector((state) => (row.messageId ? selectStored(state, conv, row.messageId) : undefined))
  return (
    <Dialog title={t('Message details')} onClose={onClose}>
      <dl className={styles.facts}>
        <dt>{t('From')}</dt>
        <dd>
          <bdi>{row.mine ? t('You') : row.senderName}</bdi>
        </dd>
        {stored && (
          <>
            <dt>{t('Written')}</dt>
            <dd>{moment(stored.sentAt)}</dd>
            <dt>{t('Stored')}</dt>
            <dd>{moment(stored.at)}</dd>
            {stored.editedAt !== undefined && (
              <>
                <dt>{t('Edited')}</dt>
                <dd>{moment(stored.editedAt)}</dd>
              </>
            )}
            <dt>{t('Number')}</dt>
            <dd>#{stored.seq}</dd>
          </>
        )}
      </dl>
      {row.mine && row.seq !== null && <Reached conv={conv} seq={row.seq} me={row.sender} />}
    </Dialog>
  )
}

/** How far each other member got with it. */
function Reached({ conv, seq, me }: { conv: ConversationId; seq: number; me: UserId }) {
  const facts = useAppSelector((state) => selectEntry(state, conv)?.facts)
  const marks = useAppSelector((state) => state.receipts.byConv[conv])
  // who comes to the lobby later begins at its end, and is not asked what they read of before
  if (facts === undefined || facts.kind === 'lobby' || facts.members.length === 0)
    return <p className={styles.note}>{t('Who has read it is not known in a conversation this large or open to everybody.')}</p>
  const others = facts.members.filter(({ id, since }) => id !== me && (since ?? 0) < seq)
  if (others.length === 0) return <p className={styles.note}>{t('Nobody else was here when it was written.')}</p>
  const read = others.filter(({ id }) => (marks?.[id]?.read ?? 0) >= seq)
  const delivered = others.filter((member) => !read.includes(member) && (marks?.[member.id]?.delivered ?? 0) >= seq)
  const waiting = others.filter((member) => !read.includes(member) && !delivered.includes(member))
  return (
    <>
      <People title={t('Read by')} people={read} />
      <People title={t('Delivered to')} people={delivered} />
      <People title={t('Not delivered yet')} people={waiting} />
    </>
  )
}

function People({ title, people }: { title: string; people: { id: UserId; name: string }[] }) {
  if (people.length === 0) return null
  return (
    <section className={styles.people}>
      <h3>{title}</h3>
      <ul>
        {people.map(({ id, name }) => (
          <li key={id}>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </section>
  )
}

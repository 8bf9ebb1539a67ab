import type { ReactNode } from 'react'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Link } from '#client/ui/Link.tsx'
import { t } from '#client/words/t.ts'
import type { Profile } from '#protocol/conversation.ts'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './PersonDialog.module.css'

type PersonDialogProps = {
  person: Profile
  isMe: boolean
  /** "Active now", "Last seen at 14:02" */
  presence: ReactNode
  /** Groups that both are in. */
  shared: readonly { id: ConversationId; title: string }[]
  onReport: () => void
  onClose: () => void
}

/** Who somebody is, and the way to them. */
export function PersonDialog({ person, isMe, presence, shared, onReport, onClose }: PersonDialogProps) {
  const { id, name, picture, isGuest } = person
  return (
    <Dialog title={name} onClose={onClose}>
      <div className={styles.person}>
        <Avatar id={id} name={name} picture={picture} />
        <p>
          {isGuest && `${t('Guest')} · `}
          {isMe ? t('You') : presence}
        </p>
      </div>
      {!isMe && shared.length > 0 && (
        <section className={styles.shared} aria-labelledby="shared-heading">
          <h3 id="shared-heading">{t('Groups you share')}</h3>
          <ul>
            {shared.map((group) => (
              <li key={group.id}>
                <Link to={`/chat/${group.id}`}>
                  <bdi>{group.title}</bdi>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <DialogActions>
        {!isMe && <Button onClick={onReport}>{t('Report')}</Button>}
        {isMe ? (
          <Link to="/settings" className={styles.way}>
            {t('Change your name or picture')}
          </Link>
        ) : (
          <Link to={`/people/${id}`} className={styles.way}>
            {t('Message')}
          </Link>
        )}
      </DialogActions>
    </Dialog>
  )
}

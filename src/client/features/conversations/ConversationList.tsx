import { memo, type ReactNode } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectConversationList, selectConversationsComplete, type ConversationItem } from '#client/store/selectors/conversations.ts'
import { useAddress } from '#client/ui/address.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Link } from '#client/ui/Link.tsx'
import { shortWhen } from '#client/ui/times.ts'
import { useToday } from '#client/ui/useToday.ts'
import { VisuallyHidden } from '#client/ui/VisuallyHidden.tsx'
import { t } from '#client/words/t.ts'
import type { UserId } from '#protocol/ids.ts'
import styles from './ConversationList.module.css'

type ConversationListProps = { dot: (user: UserId) => ReactNode }

/** Every conversation, newest activity first. */
export function ConversationList({ dot }: ConversationListProps) {
  const items = useAppSelector(selectConversationList)
  const complete = useAppSelector(selectConversationsComplete)
  const address = useAddress()
  const open = address.name === 'conversation' ? address.conv : null
  const now = useToday()
  return (
    <nav className={styles.nav} aria-label={t('Conversations')} tabIndex={items.length === 0 ? 0 : undefined}>
      {items.length === 0 && (
        <p className={styles.empty}>
          {complete ? t('Nothing here yet. Start a group with the button above.') : t('Looking for your conversations…')}
        </p>
      )}
      <ul>
        {items.map((item) => (
          <Item key={item.id} item={item} isOpen={item.id === open} when={item.preview === '' ? '' : shortWhen(item.at, now)} dot={dot} />
        ))}
      </ul>
    </nav>
  )
}

type ItemProps = { item: ConversationItem; isOpen: boolean; when: string; dot: ConversationListProps['dot'] }

const Item = memo(function Item({ item, isOpen, when, dot }: ItemProps) {
  return (
    <li>
      <Link
        to={`/chat/${item.id}`}
        className={styles.link}
        aria-current={isOpen ? 'page' : undefined}
        data-conversation-id={item.id}
        data-unread={item.unread || undefined}
        data-muted={item.muted || undefined}
      >
        <Avatar id={item.other ?? item.id} name={item.title} picture={item.picture} kind={item.kind === 'direct' ? 'person' : 'group'}>
          {item.other && dot(item.other)}
        </Avatar>
        <span className={styles.words}>
          <bdi className={styles.title}>{item.title}</bdi>
          <bdi className={styles.preview}>{item.preview}</bdi>
        </span>
        <span className={styles.end}>
          <span className={styles.when}>
            {item.muted && <VisuallyHidden>{t('muted')} </VisuallyHidden>}
            {when}
          </span>
          {item.unread > 0 && (
            <span className={styles.badge}>
              {item.unread > 999 ? t('{n}+', { n: 999 }) : t('{n}', { n: item.unread })}
              <VisuallyHidden> {t('unread')}</VisuallyHidden>
            </span>
          )}
        </span>
      </Link>
    </li>
  )
})

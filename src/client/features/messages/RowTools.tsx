import { useEffect, useRef } from 'react'
import { useNavigate } from 'react-router-dom'
import { editChosen, operationRequested, replyChosen } from '#client/live/facts.ts'
import { changeOf } from '#client/store/changeOf.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectEntry } from '#client/store/selectors/conversations.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { pathOfMessage } from '#client/ui/address.ts'
import { announcer } from '#client/ui/announcer.ts'
import { IconButton } from '#client/ui/Button.tsx'
import { copyText } from '#client/ui/copyText.ts'
import { Icon } from '#client/ui/Icon.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { Menu, type MenuItem } from '#client/ui/Menu.tsx'
import { t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { RowQuestion } from './RowActions.tsx'
import type { MessageRow } from './rowsFor.ts'
import styles from './RowTools.module.css'

/** At hand without looking for them, with the names they are heard under. */
const quick = (): [emoji: string, name: string][] => [
  ['👍', t('Thumbs up')],
  ['❤️', t('Heart')],
  ['😂', t('Tears of joy')],
  ['😮', t('Astonished')],
  ['😢', t('Crying')],
  ['🎉', t('Celebration')],
]

/** For so long nobody else hears of a deletion; it can be undone until shortly before that is over. */
const UNDO_MS = 10_000

type RowToolsProps = {
  conv: ConversationId
  row: MessageRow
  onAsk: (question: RowQuestion) => void
  onReport: (row: MessageRow) => void
}

/** What can be done about a message that is with the server: beside the one that is pointed at or has the focus. */
export function RowTools({ conv, row, onAsk, onReport }: RowToolsProps) {
  const dispatch = useAppDispatch()
  const navigate = useNavigate()
  const me = useAppSelector(selectMyId)
  const isOwner = useAppSelector((state) => {
    const facts = selectEntry(state, conv)?.facts
    return facts?.kind === 'group' && facts.role === 'owner'
  })
  const isBlocked = useAppSelector((state) => selectEntry(state, conv)?.facts.consent === 'blocked')
  const anchor = useRef<HTMLDivElement>(null)
  const keys = useRef<Record<string, () => void>>({})
  useEffect(() => {
    const article = anchor.current?.closest('article')
    const onKeyDown = (event: KeyboardEvent) => {
      // a key that is held down, and one that is about selected words, mean something else
      if (event.repeat || getSelection()?.isCollapsed === false) return
      if (event.target !== article || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
      const act = keys.current[event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    article?.addEventListener('keydown', onKeyDown)
    return () => article?.removeEventListener('keydown', onKeyDown)
  })

  const { messageId } = row
  const isThere = messageId !== null && !row.deleted && me !== null
  const target = { clientId: row.clientId, sender: row.sender }
  const reply = () => messageId !== null && dispatch(replyChosen({ conv, to: messageId }))
  const edit = () => dispatch(editChosen({ conv, clientId: row.clientId }))
  const remove = () => {
    dispatch(operationRequested({ ...changeOf(conv, target, { kind: 'delete' }), notBefore: Date.now() + UNDO_MS }))
    announcer.say(t('Message deleted. It can be undone for a moment.'))
  }
  const canEdit = row.mine && !isBlocked
  const canDelete = row.mine || isOwner
  useEffect(() => {
    keys.current = isThere ? { r: reply, ...(canEdit && { e: edit }), ...(canDelete && { Delete: remove }) } : {}
  })
  if (!isThere) return null

  const copy = (text: string, words: string) => void copyText(text).then((isCopied) => announcer.say(isCopied ? words : t('Could not copy')))
  const items: MenuItem[] = [
    { label: t('Copy text'), icon: laterDrawings.copy, onSelect: () => copy(row.body, t('Copied')) },
    { label: t('Copy link'), icon: laterDrawings.link, onSelect: () => copy(location.origin + pathOfMessage(conv, messageId), t('Link copied')) },
  ]
  if (canEdit) items.push({ label: t('Edit'), icon: laterDrawings.pencil, onSelect: edit })
  items.push({ label: t('Details'), icon: laterDrawings.info, onSelect: () => onAsk('details') })
  if (!row.mine)
    items.push({
      label: t('About {senderName}', { senderName: row.senderName }),
      icon: laterDrawings.person,
      onSelect: () => void navigate(`?person=${row.sender}`),
    })
  if (!row.mine) items.push({ label: t('Report'), icon: laterDrawings.flag, onSelect: () => onReport(row) })
  if (canDelete) items.push({ label: t('Delete'), icon: laterDrawings.bin, onSelect: remove })

  const reactions: MenuItem[] = quick().map(([sign, label]) => {
    const checked = row.reactions?.[sign]?.includes(me) ?? false
    return {
      sign,
      label,
      checked,
      onSelect: () => dispatch(operationRequested(changeOf(conv, target, { kind: checked ? 'unreact' : 'react', emoji: sign }))),
    }
  })

  return (
    <div ref={anchor} className={styles.anchor}>
      <div className={styles.tools} role="toolbar" aria-label={t('For this message')}>
        {!isBlocked && (
          <Menu
            label={t('React')}
            button={<Icon drawing={laterDrawings.smile} size={18} />}
            items={[...reactions, { label: t('Another emoji'), icon: laterDrawings.plus, onSelect: () => onAsk('emoji') }]}
            className={styles.tool}
            lay="row"
            tabIndex={-1}
          />
        )}
        <IconButton icon={laterDrawings.reply} label={t('Reply')} className={styles.tool} tabIndex={-1} onClick={reply} />
        <Menu label={t('More')} button={<Icon drawing={laterDrawings.more} size={18} />} items={items} className={styles.tool} tabIndex={-1} />
      </div>
    </div>
  )
}

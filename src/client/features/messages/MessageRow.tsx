import { memo, useState, type FocusEvent } from 'react'
import { Avatar } from '#client/ui/Avatar.tsx'
import { cx } from '#client/ui/cx.ts'
import { patientPart } from '#client/ui/laterPart.ts'
import { timeOfDay } from '#client/words/formatDate.ts'
import { t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { dateAndTime } from './clock.ts'
import styles from './MessageRow.module.css'
import type { MessageTextProps } from './MessageText.tsx'
import type { RowQuestion } from './RowActions.tsx'
import type { MessageRow as MessageRowData } from './rowsFor.ts'
import { StatusMark } from './StatusMark.tsx'

/** The words as they are, until what tells links, code and marks apart is here. */
const MessageText = memo(
  patientPart<MessageTextProps>(
    () => import('./MessageText.tsx').then((part) => part.MessageText),
    ({ text }) => text,
  ),
)
const MessageFiles = patientPart(() => import('./MessageFiles.tsx').then((part) => part.MessageFiles))
const Quote = patientPart(() => import('./Quote.tsx').then((part) => part.Quote), <span className={styles.quoteSpace} />)
const Reactions = patientPart(() => import('./Reactions.tsx').then((part) => part.Reactions), <span className={styles.reactions} />)
const RowTools = patientPart(() => import('./RowTools.tsx').then((part) => part.RowTools))
const RowDialog = patientPart(() => import('./RowActions.tsx').then((part) => part.RowDialog))
const TroubleActions = patientPart(() => import('./RowActions.tsx').then((part) => part.TroubleActions))
const WaitingActions = patientPart(() => import('./RowActions.tsx').then((part) => part.WaitingActions))

type MessageRowProps = {
  conv: ConversationId
  row: MessageRowData
  /** The one row of the list that Tab stops at. */
  tabStop: boolean
  /** What "Queued" means just now; undefined on rows that don't wait, so that they need not be drawn again. */
  queuedWords: string | undefined
  /** Tell the operators about this message. */
  onReport: (row: MessageRowData) => void
}

/** One message. Drawn again only when something about it changed. */
export const MessageRow = memo(function MessageRow({ conv, row, tabStop, queuedWords, onReport }: MessageRowProps) {
  const [hasFocus, setHasFocus] = useState(false)
  const [isUnderMouse, setUnderMouse] = useState(false)
  const [question, setQuestion] = useState<RowQuestion | null>(null)
  const id = `m-${row.key}`
  const { status } = row
  const trouble = status === 'sending' || status === 'failed'
  return (
    <li className={cx(styles.item, row.mine && styles.mine, row.groupStart && styles.start)} data-row={row.key}>
      {row.groupStart && (
        <span className={styles.avatar} data-person={row.sender}>
          <Avatar id={row.sender} name={row.senderName} picture={row.picture} />
        </span>
      )}
      <article
        className={styles.message}
        data-testid="message"
        data-key={row.key}
        data-client-id={row.clientId}
        data-message-id={row.messageId ?? undefined}
        data-seq={row.seq ?? undefined}
        data-mine={row.mine}
        data-status={status ?? undefined}
        data-edited={row.edited || undefined}
        data-deleted={row.deleted || undefined}
        tabIndex={tabStop ? 0 : -1}
        aria-labelledby={`${id}-who${row.files ? ` ${id}-files` : ''} ${id}-text ${id}-time${status ? ` ${id}-status` : ''}`}
        // not what is opened from here, which is somewhere else in the document
        onFocus={(event) => event.currentTarget.contains(event.target) && setHasFocus(true)}
        onPointerEnter={(event) => event.pointerType === 'mouse' && setUnderMouse(true)}
        onPointerLeave={() => setUnderMouse(false)}
        onBlur={(event: FocusEvent) => !event.currentTarget.contains(event.relatedTarget) && setHasFocus(false)}
      >
        <div className={row.groupStart ? styles.head : 'vh'}>
          <bdi id={`${id}-who`} className={styles.who}>
            {row.mine ? t('You') : row.senderName}
          </bdi>
          <time id={`${id}-time`} dateTime={new Date(row.at).toISOString()} title={dateAndTime(row.at)}>
            {timeOfDay(row.at)}
          </time>
        </div>
        <div className={styles.line}>
          {row.deleted ? (
            <p id={`${id}-text`} className={cx(styles.bubble, styles.gone)}>
              {t('Message deleted')}
              {row.changing && <Waits />}
            </p>
          ) : (
            <div className={styles.bubble} title={dateAndTime(row.at)}>
              {row.replyTo && <Quote conv={conv} to={row.replyTo} />}
              {row.files && <MessageFiles id={`${id}-files`} files={row.files} reachable={hasFocus} />}
              <div id={`${id}-text`} className={styles.text} data-testid="message-text" dir="auto">
                <MessageText conv={conv} text={row.body} reachable={hasFocus} />
              </div>
              {row.edited && (
                <span className={styles.edited}>
                  {t('edited')}
                  {row.changing === 'edit' && <Waits />}
                </span>
              )}
            </div>
          )}
          {status && !row.showLabel && <StatusMark id={`${id}-status`} row={row} status={status} queuedWords={queuedWords} />}
          {(hasFocus || isUnderMouse) && <RowTools conv={conv} row={row} onAsk={setQuestion} onReport={onReport} />}
          {status === 'queued' && <WaitingActions conv={conv} row={row} reachable={hasFocus} onAsk={setQuestion} />}
        </div>
        {row.reactions && Object.keys(row.reactions).length > 0 && <Reactions conv={conv} row={row} />}
        {(status && row.showLabel) || trouble ? (
          <div className={styles.meta}>
            {status && row.showLabel && (
              <>
                {status !== 'failed' && (
                  <span className={styles.metaTime} aria-hidden="true">
                    {timeOfDay(row.at)}
                  </span>
                )}
                <StatusMark id={`${id}-status`} row={row} status={status} queuedWords={queuedWords} />
              </>
            )}
            {trouble && <TroubleActions conv={conv} row={row} reachable={hasFocus} onAsk={setQuestion} />}
          </div>
        ) : null}
        {question && <RowDialog conv={conv} row={row} question={question} onClose={() => setQuestion(null)} />}
      </article>
    </li>
  )
})

/** The change is not with the server yet. A fast answer never flashes it. */
const Waits = () => <span className={styles.waits}> {t('· queued')}</span>

import { useEffect, useLayoutEffect, useMemo, useRef, useState, type FocusEvent, type RefObject } from 'react'
import { historyRequested } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectFetch, selectOlderBefore, selectSought, selectVerifiedThrough } from '#client/store/selectors/messages.ts'
import { makeSelectRows } from '#client/store/selectors/rows.ts'
import { Button } from '#client/ui/Button.tsx'
import { patientPart } from '#client/ui/laterPart.ts'
import { Spinner } from '#client/ui/Spinner.tsx'
import { useToday } from '#client/ui/useToday.ts'
import { plural, t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { dayHeading } from './clock.ts'
import { daysOf } from './daysOf.ts'
import { grownNewer, grownOlder, settledAtEnd, shownRows, windowAtEnd, type ListWindow } from './listWindow.ts'
import styles from './MessageList.module.css'
import { MessageRow } from './MessageRow.tsx'
import { olderLetGo } from './messagesSlice.ts'
import type { DayRow, MessageRow as MessageRowData, Row } from './rowsFor.ts'
import { ScrollKeeper, type ScrollPlace } from './ScrollKeeper.tsx'
import { WINDOW_GROW } from './timeline.ts'

const Sought = patientPart(() => import('./Sought.tsx').then((part) => part.Sought))
const JumpToLatest = patientPart(() => import('./JumpToLatest.tsx').then((part) => part.JumpToLatest))
const Gap = patientPart(() => import('./Gap.tsx').then((part) => part.Gap))
const ReadMarks = patientPart(() => import('./ReadMarks.tsx').then((part) => part.ReadMarks))
const ListKeys = patientPart(() => import('./ListKeys.tsx').then((part) => part.ListKeys))

/** At the end and nothing touched for this long: what is far above may go. */
const IDLE_MS = 5_000

type MessageListProps = {
  conv: ConversationId
  title: string
  /** What a waiting message is waiting for, in words. */
  queuedWords: string
  /** Tell the operators about a message; always the same function. */
  onReport: (row: MessageRowData) => void
}

/**
 * The messages of one conversation. A bounded stretch of them is in the document; who reads stays where they read, and who is at the
 * end stays there. Mount it anew (`key`) for another conversation.
 */
export function MessageList({ conv, title, queuedWords, onReport }: MessageListProps) {
  const dispatch = useAppDispatch()
  const [selectRows] = useState(makeSelectRows)
  const rows = useAppSelector((state) => selectRows(state, conv))
  const verifiedThrough = useAppSelector((state) => selectVerifiedThrough(state, conv))
  /** What to ask history before; null at the beginning. */
  const olderBefore = useAppSelector((state) => selectOlderBefore(state, conv))
  const fetch = useAppSelector((state) => selectFetch(state, conv))
  const sought = useAppSelector((state) => selectSought(state, conv))
  const keeper = useRef<ScrollKeeper>(null)
  const seen = useRef(rows)
  const [window, setWindow] = useState<ListWindow>(() => windowAtEnd(rows, firstUnreadKey(rows)))
  const [atEnd, setAtEnd] = useState(true)
  const [tabStop, setTabStop] = useState<string | null>(null)

  const shown = useMemo(() => shownRows(rows, window), [rows, window])
  const days = useMemo(() => daysOf(shown.rows), [shown])
  const hasEnd = shown.newer === 0
  const pinned = atEnd && hasEnd

  const onPlace = (place: ScrollPlace) => {
    setAtEnd(place.atEnd)
    if (place.nearTop) {
      if (shown.older > 0) setWindow((current) => grownOlder(rows, current))
      // asked for before it is needed, once per place
      if (shown.older < WINDOW_GROW && olderBefore !== null && fetch?.beforeSeq !== olderBefore)
        dispatch(historyRequested({ conv, beforeSeq: olderBefore }))
    }
    if (place.nearEnd && shown.newer > 0) setWindow((current) => grownNewer(rows, current))
  }

  const jumpToEnd = () => {
    setWindow(windowAtEnd(rows))
    keeper.current?.toEnd()
  }

  useOwnMessagesAtEnd(rows, jumpToEnd)
  useDividerInSight(keeper, rows, setWindow)

  useEffect(() => {
    if (!pinned) return
    seen.current = rows
    const timer = setTimeout(() => {
      setWindow((current) => settledAtEnd(rows, current))
      dispatch(olderLetGo({ conv }))
    }, IDLE_MS)
    return () => clearTimeout(timer)
  }, [pinned, conv, dispatch, rows])

  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const key = (event.target as Element).closest('article')?.dataset['key']
    if (key) setTabStop(key)
  }

  const stops = tabStop !== null && shown.rows.some((row) => row.key === tabStop)
  return (
    <div className={styles.frame}>
      <ScrollKeeper
        ref={keeper}
        label={t('Messages with {title}', { title })}
        verifiedThrough={verifiedThrough}
        busy={verifiedThrough === null}
        tabIndex={stops ? -1 : 0}
        hasEnd={hasEnd}
        onPlace={onPlace}
        onFocus={onFocus}
      >
        {verifiedThrough !== null && <Top conv={conv} olderBefore={olderBefore} hidden={shown.older > 0} isEmpty={rows.length === 0} />}
        <ol>
          {days.map((day) => (
            <li key={day.key}>
              {day.heading && <DayHeading row={day.heading} />}
              <ol>
                {day.rows.map((row) =>
                  row.kind === 'message' ? (
                    <MessageRow
                      key={row.key}
                      conv={conv}
                      row={row}
                      tabStop={stops && row.key === tabStop}
                      queuedWords={row.status === 'queued' ? queuedWords : undefined}
                      onReport={onReport}
                    />
                  ) : (
                    <Between key={row.key} conv={conv} row={row} />
                  ),
                )}
              </ol>
            </li>
          ))}
        </ol>
      </ScrollKeeper>
      {sought && <Sought id={sought} rows={rows} shown={shown.rows} keeper={keeper} setWindow={setWindow} />}
      <JumpToLatest rows={rows} seen={seen} pinned={pinned} onJump={jumpToEnd} keeper={keeper} />
      <ReadMarks conv={conv} keeper={keeper} rows={shown.rows} through={verifiedThrough} />
      <ListKeys keeper={keeper} />
    </div>
  )
}

/** What stands above the first message: the beginning, or the way further back. */
function Top({ conv, olderBefore, hidden, isEmpty }: { conv: ConversationId; olderBefore: number | null; hidden: boolean; isEmpty: boolean }) {
  const dispatch = useAppDispatch()
  const fetch = useAppSelector((state) => selectFetch(state, conv))
  if (isEmpty) return <p className={styles.beginning}>{t('No messages yet. Write the first one.')}</p>
  if (!hidden && olderBefore === null) return <p className={styles.beginning}>{t('This is the beginning of the conversation.')}</p>
  const loading = hidden || (fetch?.beforeSeq === olderBefore && fetch.name === 'loading')
  return (
    <div className={styles.top}>
      {loading ? (
        <Spinner />
      ) : (
        <>
          {fetch?.name === 'unavailable' && <span>{t('Earlier messages could not be loaded.')}</span>}
          <Button look="text" onClick={() => olderBefore !== null && dispatch(historyRequested({ conv, beforeSeq: olderBefore }))}>
            {t('Load earlier messages')}
          </Button>
        </>
      )}
    </div>
  )
}

/** Floats over the rows of its day. */
function DayHeading({ row }: { row: DayRow }) {
  const today = useToday()
  return (
    <div className={styles.day} data-row={row.key}>
      <h2>{dayHeading(row.at, today)}</h2>
    </div>
  )
}

/** Notes, the divider and gaps. */
function Between({ conv, row }: { conv: ConversationId; row: Exclude<Row, DayRow | { kind: 'message' }> }) {
  switch (row.kind) {
    case 'note':
      return (
        <li className={styles.note} data-row={row.key}>
          <bdi>{row.text}</bdi>
        </li>
      )
    case 'divider':
      return (
        <li className={styles.divider} data-testid="unread-divider" data-count={row.count} data-row={row.key}>
          <h2>{plural(row.count, '1 new while you were away', '{n} new while you were away')}</h2>
        </li>
      )
    case 'gap':
      return (
        <li className={styles.gap} data-testid="gap-marker" data-row={row.key}>
          <Gap conv={conv} row={row} />
        </li>
      )
  }
}

/** The person's own message is always seen going out, wherever they were reading. */
function useOwnMessagesAtEnd(rows: readonly Row[], jumpToEnd: () => void): void {
  const last = rows.at(-1)
  const written = last?.kind === 'message' && last.status === 'saving' ? last.key : null
  const followed = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (written === null || written === followed.current) return
    followed.current = written
    jumpToEnd()
  }, [written, jumpToEnd])
}

/** When more came in than fits on the screen, reading starts at the divider, not at the end. Only for who is at the end. */
function useDividerInSight(keeper: RefObject<ScrollKeeper | null>, rows: readonly Row[], setWindow: (window: ListWindow) => void): void {
  const firstUnread = firstUnreadKey(rows)
  const latestRows = useRef(rows)
  useLayoutEffect(() => {
    latestRows.current = rows
  })
  // once for each divider: it never pulls the reader back
  useLayoutEffect(() => {
    const list = keeper.current
    if (firstUnread === undefined || !list?.isAtEnd()) return
    const divider = list.scroller.current?.querySelector('[data-testid="unread-divider"]')
    if (divider) list.keepInSight(divider)
    else setWindow(windowAtEnd(latestRows.current, firstUnread))
  }, [firstUnread, keeper, setWindow])
}

function firstUnreadKey(rows: readonly Row[]): string | undefined {
  const divider = rows.findIndex((row) => row.kind === 'divider')
  return divider === -1 ? undefined : rows.slice(divider).find((row) => row.kind === 'message')?.key
}

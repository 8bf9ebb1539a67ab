import { useEffect, useRef, type RefObject } from 'react'
import { readThrough } from '#client/live/facts.ts'
import { useAppDispatch } from '#client/store/hooks.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { Row } from './rowsFor.ts'
import type { ScrollKeeper } from './ScrollKeeper.tsx'

/** Scrolling past is not reading; and what is unread when a conversation is opened is counted before it is read. */
const RESTS_MS = 150

type ReadMarksProps = {
  conv: ConversationId
  keeper: RefObject<ScrollKeeper | null>
  rows: readonly Row[]
  /** The seq up to which nothing is missing; null where nothing is shown, as between two pasts. */
  through: number | null
}

/** Says how far was read: the lowest message in sight, and only while the page is visible and has the focus. */
export function ReadMarks({ conv, keeper, rows, through }: ReadMarksProps): null {
  const dispatch = useAppDispatch()
  const said = useRef(0)
  const lookSoon = useRef(() => {})
  useEffect(() => {
    const scroller = keeper.current?.scroller.current
    if (!scroller) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      timer = undefined
      if (document.visibilityState !== 'visible' || !document.hasFocus()) return
      const seq = lowestInSight(scroller)
      if (seq <= said.current) return
      said.current = seq
      dispatch(readThrough({ conv, seq }))
    }
    // a burst of messages must not put it off for ever, but scrolling does
    lookSoon.current = () => {
      timer ??= setTimeout(look, RESTS_MS)
    }
    const onScroll = () => {
      clearTimeout(timer)
      timer = setTimeout(look, RESTS_MS)
    }
    const onReturn = () => lookSoon.current()
    scroller.addEventListener('scroll', onScroll, { passive: true })
    window.addEventListener('focus', onReturn)
    document.addEventListener('visibilitychange', onReturn)
    return () => {
      clearTimeout(timer)
      scroller.removeEventListener('scroll', onScroll)
      window.removeEventListener('focus', onReturn)
      document.removeEventListener('visibilitychange', onReturn)
    }
  }, [conv, dispatch, keeper])
  useEffect(() => {
    // another past: its numbers begin anew
    if ((through ?? 0) < said.current) said.current = 0
  }, [through])
  useEffect(() => lookSoon.current(), [rows])
  return null
}

/** The seq of the last stored message whose beginning is on screen; 0 when there is none. */
function lowestInSight(scroller: Element): number {
  const { bottom } = scroller.getBoundingClientRect()
  const articles = scroller.querySelectorAll<HTMLElement>('article[data-seq]')
  for (let at = articles.length - 1; at >= 0; at--) {
    const article = articles[at]!
    if (article.getBoundingClientRect().top < bottom) return Number(article.dataset['seq'])
  }
  return 0
}

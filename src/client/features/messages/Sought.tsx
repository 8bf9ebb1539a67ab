import { useLayoutEffect, type RefObject } from 'react'
import { useAppDispatch } from '#client/store/hooks.ts'
import { announcer } from '#client/ui/announcer.ts'
import { t } from '#client/words/t.ts'
import type { MessageId } from '#protocol/ids.ts'
import { windowAround, type ListWindow } from './listWindow.ts'
import { searchEnded } from './messagesSlice.ts'
import styles from './MessageRow.module.css'
import type { Row } from './rowsFor.ts'
import type { ScrollKeeper } from './ScrollKeeper.tsx'

type SoughtProps = {
  id: MessageId
  rows: readonly Row[]
  /** What is in the document. */
  shown: readonly Row[]
  keeper: RefObject<ScrollKeeper | null>
  setWindow: (window: ListWindow) => void
}

/** Brings a message that somebody wants to see into the middle of the screen, once it is held, and says which one it is. */
export function Sought({ id, rows, shown, keeper, setWindow }: SoughtProps) {
  const dispatch = useAppDispatch()
  const isIt = (row: Row) => row.kind === 'message' && row.messageId === id
  const held = rows.find(isIt)
  const isShown = shown.some(isIt)
  useLayoutEffect(() => {
    if (!held) return
    if (!isShown) return setWindow(windowAround(rows, held.key))
    const article = keeper.current?.scroller.current?.querySelector<HTMLElement>(`[data-message-id="${id}"]`)
    if (!article) return
    article.scrollIntoView({ block: 'center' })
    article.focus({ preventScroll: true })
    article.classList.add(styles.found!)
    article.addEventListener('animationend', () => article.classList.remove(styles.found!), { once: true })
    announcer.say(t('Went to the message'))
    dispatch(searchEnded())
    // `shown`: somebody else may have turned the list elsewhere in the same moment
  }, [held, isShown, id, rows, shown, keeper, setWindow, dispatch])
  return null
}

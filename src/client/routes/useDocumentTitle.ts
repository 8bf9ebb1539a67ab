import { useEffect } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectConversation, selectOpenConversation, selectUnreadTotal } from '#client/store/selectors/conversations.ts'

/** "(3) Ada Okafor · Tidemark": what a tab in the background can still say. */
export function useDocumentTitle(): void {
  const unread = useAppSelector(selectUnreadTotal)
  const title = useAppSelector((state) => {
    const open = selectOpenConversation(state)
    return open === null ? undefined : selectConversation(state, open)?.title
  })
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title ? `${title} · ` : ''}Tidemark`
    return () => {
      document.title = 'Tidemark'
    }
  }, [unread, title])
  useEffect(() => {
    // the mark on the installed app, where there are such marks
    if (!('setAppBadge' in navigator)) return
    navigator.setAppBadge(unread).catch(() => {})
    return () => void navigator.clearAppBadge().catch(() => {})
  }, [unread])
}

import { useEffect, type RefObject } from 'react'
import type { ScrollKeeper } from './ScrollKeeper.tsx'

/** Through the messages by the arrow keys, into one by Enter and along what can be done about it, and back to the composer by Escape. */
export function ListKeys({ keeper }: { keeper: RefObject<ScrollKeeper | null> }): null {
  useEffect(() => {
    const list = keeper.current?.scroller.current
    if (!list) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (!list.contains(event.target as Node) || event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest('dialog'))
        return
      const articles = [...list.querySelectorAll<HTMLElement>('article')]
      const own = (event.target as Element).closest('article')
      const at = own ? articles.indexOf(own) : articles.length
      const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[event.key]
      if (next !== undefined) {
        const row = articles[Math.max(0, Math.min(articles.length - 1, next))]
        if (!row) return
        event.preventDefault()
        row.focus()
        row.scrollIntoView({ block: 'nearest' })
      } else if (own && event.target !== own && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
        const parts = [...own.querySelectorAll<HTMLElement>('button, a')]
        const step = (event.key === 'ArrowLeft') === (getComputedStyle(list).direction === 'ltr') ? -1 : 1
        event.preventDefault()
        parts[(parts.indexOf(event.target as HTMLElement) + step + parts.length) % parts.length]?.focus()
      } else if (event.key === 'Enter' && event.target === own) {
        // otherwise the same key would press what it just went to
        event.preventDefault()
        own?.querySelector<HTMLElement>('button, a')?.focus()
      } else if (event.key === 'Escape') {
        event.preventDefault()
        if (own && event.target !== own) own.focus()
        else document.querySelector<HTMLElement>('[data-region="composer"]')?.focus()
      }
    }
    // not at the list: what a menu in it keeps to itself would come here first, before any handler of React's
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [keeper])
  return null
}

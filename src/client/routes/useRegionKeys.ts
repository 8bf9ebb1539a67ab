import { useEffect } from 'react'
import { useNavigate } from 'react-router-dom'

const REGIONS = [
  '[aria-label="Conversations"] [aria-current], [aria-label="Conversations"] a',
  '[role="log"]',
  '[data-region="composer"]',
  '[aria-label="Notifications"] button',
]

/** F6 goes round the regions, Alt+↑ and Alt+↓ to the neighbouring conversation. */
export function useRegionKeys(): void {
  const navigate = useNavigate()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || document.querySelector('dialog[open]')) return
      if (event.key === 'F6' && !event.altKey) {
        event.preventDefault()
        goRound(event.shiftKey ? -1 : 1)
      } else if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        const links = [...document.querySelectorAll<HTMLAnchorElement>('[aria-label="Conversations"] a[data-conversation-id]')]
        const at = links.findIndex((link) => link.getAttribute('aria-current') === 'page')
        const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)]
        if (!next) return
        event.preventDefault()
        void navigate(next.pathname)
      }
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [navigate])
}

function goRound(step: 1 | -1): void {
  const stops = REGIONS.map((selector) => document.querySelector<HTMLElement>(selector)).filter((stop) => stop !== null && stop.checkVisibility())
  if (stops.length === 0) return
  const at = stops.findIndex((stop) => stop!.contains(document.activeElement) || stop!.closest('nav')?.contains(document.activeElement))
  const next = stops[(at + step + stops.length) % stops.length]!
  // a list with a row that has been focused before is entered there
  const row = next.getAttribute('role') === 'log' ? next.querySelector<HTMLElement>('article[tabindex="0"]') : null
  ;(row ?? next).focus()
}

import { useEffect, useState } from 'react'

/** The sheet of keys: `?` where nobody writes, Ctrl+/ or ⌘/ everywhere. */
export function useKeyboardSheet(): [isOpen: boolean, setOpen: (isOpen: boolean) => void] {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.altKey || document.querySelector('dialog[open]')) return
      const withMod = event.ctrlKey || event.metaKey
      const isIt = withMod ? event.key === '/' : event.key === '?' && !isWritten(event.target)
      if (!isIt) return
      event.preventDefault()
      setOpen(true)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  return [isOpen, setOpen]
}

const isWritten = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select, [role=menu] *'))

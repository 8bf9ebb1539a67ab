import { useEffect } from 'react'
import { useSearchParams } from 'react-router-dom'

/** The inspector is open while the address says `?debug=1`; Ctrl+Shift+D writes that. */
export function useDebugPanel(): { isOpen: boolean; close: () => void } {
  const [params, setParams] = useSearchParams()
  const isOpen = params.get('debug') === '1'
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!event.ctrlKey || !event.shiftKey || event.code !== 'KeyD') return
      event.preventDefault()
      setParams(withDebug(!isOpen), { replace: true })
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [isOpen, setParams])
  return { isOpen, close: () => setParams(withDebug(false), { replace: true }) }
}

const withDebug = (on: boolean) => (params: URLSearchParams) => {
  const next = new URLSearchParams(params)
  if (on) next.set('debug', '1')
  else next.delete('debug')
  return next
}

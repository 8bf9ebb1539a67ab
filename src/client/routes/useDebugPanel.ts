import { useCallback, useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router-dom'

/** The inspector is open while the address says `?debug=1`; Ctrl+Shift+D writes that. */
export function useDebugPanel(): { isOpen: boolean; close: () => void } {
  const { search } = useLocation()
  const navigate = useNavigate()
  const isOpen = new URLSearchParams(search).get('debug') === '1'
  const turn = useCallback(
    (on: boolean) => {
      const params = new URLSearchParams(search)
      if (on) params.set('debug', '1')
      else params.delete('debug')
      void navigate({ search: params.toString() }, { replace: true })
    },
    [search, navigate],
  )
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!event.ctrlKey || !event.shiftKey || event.code !== 'KeyD') return
      event.preventDefault()
      turn(!isOpen)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [isOpen, turn])
  return { isOpen, close: () => turn(false) }
}

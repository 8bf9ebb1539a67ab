import { useEffect, type RefObject } from 'react'
import { editChosen } from '#client/live/facts.ts'
import { useAppDispatch, useAppStore } from '#client/store/hooks.ts'
import { selectLastOwn } from '#client/store/selectors/oneMessage.ts'
import { isComposing } from '#client/ui/isComposing.ts'
import type { ConversationId } from '#protocol/ids.ts'

/** ↑ in an empty box changes the last own message. */
export function useEditLast(box: RefObject<HTMLTextAreaElement | null>, conv: ConversationId): void {
  const store = useAppStore()
  const dispatch = useAppDispatch()
  useEffect(() => {
    const field = box.current
    const hear = (event: KeyboardEvent) => {
      const { key, keyCode } = event
      if (key !== 'ArrowUp' || isComposing({ nativeEvent: event, keyCode }) || field?.value !== '') return
      event.preventDefault()
      const clientId = selectLastOwn(store.getState(), conv)
      if (clientId) dispatch(editChosen({ conv, clientId }))
    }
    field?.addEventListener('keydown', hear)
    return () => field?.removeEventListener('keydown', hear)
  }, [box, conv, dispatch, store])
}

import { useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router-dom'
import { messageSought } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectEntry } from '#client/store/selectors/conversations.ts'
import { selectTimeline } from '#client/store/selectors/messages.ts'
import { selectStored } from '#client/store/selectors/oneMessage.ts'
import { MessageId, type ConversationId } from '#protocol/ids.ts'

/** Follows `?message=ID` once to the message, and takes it out of the address: the way back does not lead there again. */
export function LinkedMessage({ conv }: { conv: ConversationId }) {
  const dispatch = useAppDispatch()
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const wanted = new URLSearchParams(search).get('message')
  const id = MessageId.safeParse(wanted).data ?? null
  const isOpen = useAppSelector((state) => selectTimeline(state, conv).messages.length > 0 || selectEntry(state, conv)?.head.seq === 0)
  const held = useAppSelector((state) => id !== null && selectStored(state, conv, id) !== undefined)
  useEffect(() => {
    if (wanted === null || !isOpen) return
    void navigate(pathname, { replace: true })
    if (id !== null) dispatch(messageSought({ conv, id, held }))
  }, [wanted, id, isOpen, held, conv, pathname, navigate, dispatch])
  return null
}

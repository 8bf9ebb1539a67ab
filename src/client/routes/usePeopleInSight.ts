import { useEffect, useMemo } from 'react'
import { peopleWatched } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectConversationList, type ConversationView } from '#client/store/selectors/conversations.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import type { UserId } from '#protocol/ids.ts'
import { WATCH_MAX } from '#protocol/limits.ts'

/** Asks for the presence of those who are on screen: the members of the open conversation first, then the list's direct ones. */
export function usePeopleInSight(view: ConversationView): void {
  const dispatch = useAppDispatch()
  const me = useAppSelector(selectMyId)
  const list = useAppSelector(selectConversationList)
  const members = view.facts.members
  const users = useMemo(() => {
    const all = new Set<UserId>()
    for (const member of members ?? []) all.add(member.id)
    for (const item of list) if (item.other) all.add(item.other)
    if (me) all.delete(me)
    return [...all].slice(0, WATCH_MAX)
  }, [members, list, me])
  const names = users.join(' ')
  useEffect(() => {
    dispatch(peopleWatched({ users: names === '' ? [] : (names.split(' ') as UserId[]) }))
  }, [names, dispatch])
}

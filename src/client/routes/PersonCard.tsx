import { useEffect, useState } from 'react'
import { useLocation, useNavigate } from 'react-router-dom'
import { PersonDialog } from '#client/features/people/PersonDialog.tsx'
import { ReportDialog } from '#client/features/people/ReportDialog.tsx'
import { PresenceWords } from '#client/features/presence/PresenceWords.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectGroupsWith, selectPerson } from '#client/store/selectors/people.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { UserId } from '#protocol/ids.ts'
import { useClient } from './clientContext.ts'

/** `?person=ID` shows who that is over whatever is open; whoever is pressed that stands for somebody (`data-person`) leads there. The way back closes it. */
export function PersonCard() {
  const client = useClient()
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const id = UserId.safeParse(new URLSearchParams(search).get('person')).data
  const person = useAppSelector((state) => (id === undefined ? undefined : selectPerson(state, id)))
  const shared = useAppSelector((state) => selectGroupsWith(state, id))
  const me = useAppSelector(selectMyId)
  const [isReporting, setReporting] = useState(false)
  useEffect(() => {
    const onClick = ({ target }: MouseEvent) => {
      const pressed = target instanceof Element ? target.closest<HTMLElement>('[data-person]')?.dataset['person'] : undefined
      if (pressed !== undefined) void navigate(`?person=${pressed}`)
    }
    document.addEventListener('click', onClick)
    return () => document.removeEventListener('click', onClick)
  }, [navigate])
  if (!person) return null
  const close = () => {
    setReporting(false)
    void navigate(pathname, { replace: true })
  }
  if (isReporting) return <ReportDialog person={person} report={client.api.report} onClose={close} />
  return (
    <PersonDialog
      person={person}
      isMe={person.id === me}
      presence={<PresenceWords user={person.id} />}
      shared={shared}
      onReport={() => setReporting(true)}
      onClose={close}
    />
  )
}

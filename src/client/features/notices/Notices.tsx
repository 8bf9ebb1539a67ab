import { useEffect, useRef } from 'react'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Toast, ToastRegion } from '#client/ui/Toast.tsx'
import { textOfNotice } from './noticeText.ts'
import { noticeDismissed, selectNotices, type Notice } from './noticesSlice.ts'

/** More at once would be a wall; the others wait until one of these is gone. */
const SHOWN_MAX = 3

/** What was said once and has no place of its own on screen. Each is also read out, once. */
export function Notices() {
  const dispatch = useAppDispatch()
  const notices = useAppSelector(selectNotices)
  const shown = notices.slice(0, SHOWN_MAX)
  const spoken = useRef(new Set<string>())
  useEffect(() => {
    for (const notice of shown) {
      const { id } = notice
      const about = aboutOf(notice)
      const text = textOfNotice(notice)
      if (spoken.current.has(id)) continue
      spoken.current.add(id)
      announcer.say(about === null ? text : `${about}: ${text}`)
    }
  })
  return (
    <ToastRegion>
      {shown.map((notice) => (
        <Toast
          key={notice.id}
          about={aboutOf(notice)}
          text={textOfNotice(notice)}
          lasting={notice.kind !== 'missed'}
          onDone={() => dispatch(noticeDismissed({ id: notice.id }))}
        />
      ))}
    </ToastRegion>
  )
}

const aboutOf = (notice: Notice): string | null => (notice.kind === 'removed' ? notice.about : null)

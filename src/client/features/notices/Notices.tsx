import { useEffect, useRef, useState } from 'react'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { Toast, ToastRegion } from '#client/ui/Toast.tsx'
import { t } from '#client/words/t.ts'
import { textOfNotice } from './noticeText.ts'
import { noticeDismissed, selectNotices, type Notice } from './noticesSlice.ts'

/** More at once would be a wall; the others wait until one of these is gone. */
const SHOWN_MAX = 3

/** What was said once and has no place of its own on screen. Each is also read out, once. */
export function Notices() {
  const dispatch = useAppDispatch()
  const notices = useAppSelector(selectNotices)
  const shown = notices.slice(0, SHOWN_MAX)
  const isOwing = useOwing()
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
          lasting={isLasting(notice, isOwing)}
          action={notice.kind === 'newVersion' && <Button onClick={() => location.reload()}>{t('Reload')}</Button>}
          onDone={() => dispatch(noticeDismissed({ id: notice.id }))}
        />
      ))}
    </ToastRegion>
  )
}

/** Whether something still has to be sent; before anything had to, a storage that keeps nothing is a warning all the same. */
function useOwing(): { past: boolean; storage: boolean } {
  const isLive = useAppSelector(selectIsLive)
  const hasUnsent = useAppSelector((state) => selectUnsentCount(state) > 0)
  const [hadUnsent, setHadUnsent] = useState(false)
  if (hasUnsent && !hadUnsent) setHadUnsent(true)
  return { past: hasUnsent || !isLive, storage: hasUnsent || !hadUnsent }
}

/** Stays until it is dismissed, or until what it asks for has come true. */
function isLasting({ kind }: Notice, owing: { past: boolean; storage: boolean }): boolean {
  return kind === 'past' || kind === 'storage' ? owing[kind] : kind !== 'missed'
}

const aboutOf = (notice: Notice): string | null => (notice.kind === 'removed' ? notice.about : null)

import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Client } from '#client/live/client.ts'
import { selectAttached } from '#client/store/selectors/drafts.ts'
import { useAppDispatch, useAppStore } from '#client/store/hooks.ts'
import { IconButton } from '#client/ui/Button.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { attach } from './attach.ts'
import styles from './AttachButton.module.css'

type AttachButtonProps = {
  conv: ConversationId
  files: Client['files']
  /** Is told who takes files that come by another way, as by pasting; null: nobody any more. Always the same function. */
  onTaker: (take: ((chosen: File[]) => void) | null) => void
}

/** Where files are chosen, and where they are dropped: anywhere on the page. */
export function AttachButton({ conv, files, onTaker }: AttachButtonProps) {
  const dispatch = useAppDispatch()
  const store = useAppStore()
  const input = useRef<HTMLInputElement>(null)
  const [isDragged, setDragged] = useState(false)
  const choose = (chosen: File[]) => {
    void attach({ conv, files, dispatch, attached: () => selectAttached(store.getState(), conv).length }, chosen)
    document.querySelector<HTMLElement>('[data-region="composer"]')?.focus()
  }
  const take = useEffectEvent(choose)
  useEffect(() => {
    onTaker((chosen) => take(chosen))
    return () => onTaker(null)
  }, [onTaker])

  useEffect(() => {
    const brings = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true && !document.querySelector(':modal')
    const onDrag = (event: DragEvent) => {
      if (!brings(event)) return
      // otherwise the browser shows the file in the place of the page
      event.preventDefault()
      setDragged(true)
    }
    const onLeave = (event: DragEvent) => event.relatedTarget === null && setDragged(false)
    const onDrop = (event: DragEvent) => {
      setDragged(false)
      if (!brings(event)) return
      event.preventDefault()
      take([...(event.dataTransfer?.files ?? [])])
    }
    document.addEventListener('dragover', onDrag)
    document.addEventListener('dragleave', onLeave)
    document.addEventListener('drop', onDrop)
    return () => {
      document.removeEventListener('dragover', onDrag)
      document.removeEventListener('dragleave', onLeave)
      document.removeEventListener('drop', onDrop)
    }
  }, [])

  return (
    <>
      <IconButton icon={laterDrawings.paperclip} label={t('Attach files')} className={styles.button} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file-input"
        onChange={({ target }) => {
          choose([...(target.files ?? [])])
          // the same file may be chosen again
          target.value = ''
        }}
      />
      {isDragged && <div className={styles.over}>{t('Drop files to attach them')}</div>}
    </>
  )
}

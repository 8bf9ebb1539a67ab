import { useCallback, useEffect, useId, useRef, type KeyboardEvent } from 'react'
import { editEnded, editTyped, operationRequested } from '#client/live/facts.ts'
import { changeOf } from '#client/store/changeOf.ts'
import { useAppDispatch, useAppSelector, useAppStore } from '#client/store/hooks.ts'
import { selectEdit } from '#client/store/selectors/drafts.ts'
import { selectIsOwnDeleted, selectOwnText } from '#client/store/selectors/oneMessage.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { isComposing } from '#client/ui/isComposing.ts'
import { t } from '#client/words/t.ts'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import styles from './Composer.module.css'
import { composerVerdict } from './composerVerdict.ts'
import { faultWords } from './faultWords.ts'
import { MentionPicker } from './MentionPicker.tsx'
import { useTyping } from './useTyping.ts'

type EditComposerProps = { conv: ConversationId; clientId: ClientId; title: string }

/**
 * Stands in the place of the composer while an own message is changed. The draft that was there comes back afterwards. A message that is
 * deleted meanwhile can't be changed any more: the words stay to be copied. One that is not held in this tab can.
 */
export function EditComposer({ conv, clientId, title }: EditComposerProps) {
  const dispatch = useAppDispatch()
  const store = useAppStore()
  const me = useAppSelector(selectMyId)
  const before = useAppSelector((state) => selectOwnText(state, conv, clientId))
  const isDeleted = useAppSelector((state) => selectIsOwnDeleted(state, conv, clientId))
  const typed = useAppSelector((state) => selectEdit(state, conv, clientId))
  const tell = useCallback((text: string) => dispatch(editTyped({ conv, clientId, text })), [conv, clientId, dispatch])
  const typing = useTyping(typed ?? before ?? '', tell)
  const { text, change } = typing
  const box = useRef<HTMLTextAreaElement>(null)
  const boxId = useId()
  const noteId = useId()

  useEffect(() => {
    const field = box.current!
    field.focus({ preventScroll: true })
    field.setSelectionRange(field.value.length, field.value.length)
  }, [])

  const end = () => {
    typing.take()
    dispatch(editEnded({ conv, clientId }))
  }
  const verdict = composerVerdict(text)
  const words = isDeleted
    ? t('This message is deleted. Copy your words if you need them.')
    : verdict.name === 'empty'
      ? t('There is no text left. To take the message back, delete it.')
      : faultWords(text)

  const save = () => {
    if (words !== null) return announcer.alert(words)
    typing.flush()
    // who typed nothing changes nothing, whatever another tab has made of it meanwhile
    if (selectEdit(store.getState(), conv, clientId) !== undefined && text !== before && me) {
      dispatch(operationRequested(changeOf(conv, { clientId, sender: me }, { kind: 'edit', body: text })))
      announcer.say(t('Message changed'))
    }
    end()
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    if (event.key === 'Escape') end()
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      save()
    }
  }

  return (
    <form
      className={styles.composer}
      aria-label={t('Change a message')}
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <div className={styles.above}>
        <span id={noteId}>
          {t('Changing your message')}
          <Button look="text" onClick={end}>
            {t('Cancel')}
          </Button>
        </span>
        {words !== null ? (
          <span className={styles.fault} role={isDeleted ? 'alert' : undefined}>
            {words}
          </span>
        ) : (
          verdict.name === 'near' && <span className={styles.note}>{t('{n} left', { n: verdict.left })}</span>
        )}
      </div>
      <MentionPicker conv={conv} box={box} text={text} onChange={change} />
      <div className={styles.box} data-faulty={words !== null || undefined}>
        <label className="vh" htmlFor={boxId}>
          {t('Change your message in {title}', { title })}
        </label>
        <div className={styles.grow} data-text={text}>
          <textarea
            ref={box}
            id={boxId}
            data-region="composer"
            rows={1}
            dir="auto"
            value={text}
            autoComplete="off"
            enterKeyHint="done"
            aria-describedby={noteId}
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKeyDown}
          />
        </div>
        <Button look="primary" type="submit">
          {t('Save')}
        </Button>
      </div>
    </form>
  )
}

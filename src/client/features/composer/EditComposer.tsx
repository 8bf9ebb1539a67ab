import { useEffect, useId, useRef, type KeyboardEvent } from 'react'
import { aimDropped, editTyped, operationRequested } from '#client/live/facts.ts'
import { changeOf } from '#client/store/changeOf.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectIsOwnDeleted, selectOwnText } from '#client/store/selectors/oneMessage.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { isComposing } from '#client/ui/isComposing.ts'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import styles from './Composer.module.css'
import { selectAim } from './composerSlice.ts'
import { composerVerdict } from './composerVerdict.ts'
import { faultWords } from './faultWords.ts'
import { MentionPicker } from './MentionPicker.tsx'

type EditComposerProps = { conv: ConversationId; clientId: ClientId; title: string }

/**
 * Stands in the place of the composer while an own message is changed. The draft that was there comes back afterwards. A message that is
 * deleted meanwhile can't be changed any more: the words stay to be copied. One that is not held in this tab can.
 */
export function EditComposer({ conv, clientId, title }: EditComposerProps) {
  const dispatch = useAppDispatch()
  const me = useAppSelector(selectMyId)
  const before = useAppSelector((state) => selectOwnText(state, conv, clientId))
  const isDeleted = useAppSelector((state) => selectIsOwnDeleted(state, conv, clientId))
  const aim = useAppSelector((state) => selectAim(state, conv))
  const text = (aim?.name === 'edit' ? aim.text : null) ?? before ?? ''
  const box = useRef<HTMLTextAreaElement>(null)
  const boxId = useId()
  const noteId = useId()

  useEffect(() => {
    const field = box.current!
    field.focus({ preventScroll: true })
    field.setSelectionRange(field.value.length, field.value.length)
  }, [])

  const type = (typed: string) => dispatch(editTyped({ conv, text: typed }))
  const end = () => dispatch(aimDropped({ conv }))
  const verdict = composerVerdict(text)
  const words = isDeleted
    ? 'This message is deleted. Copy your words if you need them.'
    : verdict.name === 'empty'
      ? 'There is no text left. To take the message back, delete it.'
      : faultWords(text)

  const save = () => {
    if (words !== null) return announcer.alert(words)
    // who typed nothing changes nothing, whatever another tab has made of it meanwhile
    if (aim?.name === 'edit' && aim.text !== null && text !== before && me) {
      dispatch(operationRequested(changeOf(conv, { clientId, sender: me }, { kind: 'edit', body: text })))
      announcer.say('Message changed')
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
      aria-label="Change a message"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <div className={styles.above}>
        <span id={noteId}>
          Changing your message
          <Button look="text" onClick={end}>
            Cancel
          </Button>
        </span>
        {words !== null ? (
          <span className={styles.fault} role={isDeleted ? 'alert' : undefined}>
            {words}
          </span>
        ) : (
          verdict.name === 'near' && <span className={styles.note}>{verdict.left} left</span>
        )}
      </div>
      <MentionPicker conv={conv} box={box} text={text} onChange={type} />
      <div className={styles.box} data-faulty={words !== null || undefined}>
        <label className="vh" htmlFor={boxId}>
          Change your message in {title}
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
            onChange={(event) => type(event.target.value)}
            onKeyDown={onKeyDown}
          />
        </div>
        <Button look="primary" type="submit">
          Save
        </Button>
      </div>
    </form>
  )
}

import { useCallback, useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { draftChanged, replyDropped, typingNoticed } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectAttached, selectDraftText, selectReply } from '#client/store/selectors/drafts.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { isComposing } from '#client/ui/isComposing.ts'
import { patientPart } from '#client/ui/laterPart.ts'
import { t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './Composer.module.css'
import { composerVerdict, isFaulty } from './composerVerdict.ts'
import { useTyping } from './useTyping.ts'
import { useWriteMessage } from './useWriteMessage.ts'

const FaultWords = patientPart(() => import('./FaultWords.tsx').then((part) => part.FaultWords))
const AboveBox = patientPart(() => import('./AboveBox.tsx').then((part) => part.AboveBox))

const TYPING_NOTICED_EVERY_MS = 1_000

type ComposerProps = {
  conv: ConversationId
  title: string
  /** The line above the box: who is typing. */
  above?: ReactNode
  /** Said beside it while messages will wait. */
  hint?: string | undefined
  /** Beside the box: where files are chosen. */
  button?: ReactNode
  /** Files were put into the box. */
  onFiles?: (files: File[]) => void
}

/** Where messages are written. It is never disabled: what can't be sent now waits. */
export function Composer({ conv, title, above, hint, button, onFiles }: ComposerProps) {
  const dispatch = useAppDispatch()
  const write = useWriteMessage(conv)
  const tell = useCallback((text: string) => dispatch(draftChanged({ conv, text })), [conv, dispatch])
  const draft = useTyping(
    useAppSelector((state) => selectDraftText(state, conv)),
    tell,
  )
  const files = useAppSelector((state) => selectAttached(state, conv))
  const reply = useAppSelector((state) => selectReply(state, conv))
  const replyTo = reply?.to
  const box = useRef<HTMLTextAreaElement>(null)
  const typingNoticedAt = useRef(-Infinity)
  const boxId = useId()
  const replyId = useId()

  useEffect(() => {
    // on touch screens focus would raise the keyboard over the messages
    if (matchMedia('(pointer: fine)').matches) box.current?.focus({ preventScroll: true })
  }, [])

  useEffect(() => {
    // also when the same message is chosen again
    if (reply) box.current?.focus({ preventScroll: true })
  }, [reply])

  const submit = () => {
    // read and emptied in the same tick, so that a second Enter finds nothing
    const verdict = composerVerdict(draft.current())
    if (verdict.name === 'ok' || verdict.name === 'near' || (verdict.name === 'empty' && files.length > 0)) write(draft.take(), replyTo, files)
    else if (isFaulty(verdict)) sayFault(draft.current())
    box.current?.focus({ preventScroll: true })
  }

  const change = (text: string) => {
    draft.change(text)
    const now = performance.now()
    if (text === '' || now - typingNoticedAt.current < TYPING_NOTICED_EVERY_MS) return
    typingNoticedAt.current = now
    dispatch(typingNoticed({ conv }))
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event)) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      submit()
    } else if (event.key === 'Escape' && replyTo !== undefined) dispatch(replyDropped({ conv }))
  }

  const verdict = composerVerdict(draft.text)
  const isWrong = isFaulty(verdict)
  return (
    <form
      className={styles.composer}
      aria-label={t('Write a message')}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className={styles.above}>
        {above}
        {isWrong ? (
          <span className={styles.fault}>
            <FaultWords conv={conv} text={draft.text} onChange={change} onFiles={onFiles} />
          </span>
        ) : verdict.name === 'near' ? (
          <span className={styles.note}>{t('{n} left', { n: verdict.left })}</span>
        ) : (
          hint && <span className={styles.note}>{hint}</span>
        )}
      </div>
      <AboveBox
        conv={conv}
        box={box}
        text={draft.text}
        onChange={change}
        onFiles={onFiles}
        replyTo={replyTo}
        replyId={replyId}
        hasFiles={files.length > 0}
      />
      <div className={styles.box} data-faulty={isWrong || undefined}>
        {button}
        <label className="vh" htmlFor={boxId}>
          {t('Message {title}', { title })}
        </label>
        <div className={styles.grow} data-text={draft.text}>
          <textarea
            ref={box}
            id={boxId}
            data-region="composer"
            rows={1}
            dir="auto"
            placeholder={t('Message {title}', { title })}
            value={draft.text}
            autoComplete="off"
            enterKeyHint="send"
            aria-describedby={replyTo === undefined ? undefined : replyId}
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKeyDown}
            // what is done elsewhere knows all that stands here
            onBlur={draft.flush}
          />
        </div>
        <Button look="primary" type="submit">
          {t('Send')}
        </Button>
      </div>
    </form>
  )
}

/** The words come with what shows them; where they can't be had, the box still shows that something is wrong. */
const sayFault = (text: string): void =>
  void import('./faultWords.ts').then(
    ({ faultWords }) => announcer.alert(faultWords(text) ?? ''),
    () => {},
  )

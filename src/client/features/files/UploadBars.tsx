import { uploadRetryRequested, uploadWithdrawn } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { selectEntry } from '#client/store/selectors/conversations.ts'
import { selectUploads } from '#client/store/selectors/files.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { fileSize } from '#client/ui/fileSize.ts'
import { plural, t } from '#client/words/t.ts'
import type { RefusalCode } from '#protocol/codes.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { sentenceFor } from '#protocol/sentences.ts'
import styles from './UploadBars.module.css'

type Uploading = ReturnType<typeof selectUploads>[number]

/** Messages whose files are on their way: how far each is, and the way to take it back. Of one conversation, or of all. */
export function UploadBars({ conv }: { conv?: ConversationId }) {
  const uploads = useAppSelector((state) => selectUploads(state, conv))
  if (uploads.length === 0) return null
  return (
    <ul className={styles.bars} aria-label={t('Files on their way')}>
      {uploads.map((upload) => (
        <Bar key={upload.message.clientId} upload={upload} withTitle={conv === undefined} />
      ))}
    </ul>
  )
}

function Bar({ upload: { message, refusal, sent }, withTitle }: { upload: Uploading; withTitle: boolean }) {
  const dispatch = useAppDispatch()
  const isLive = useAppSelector(selectIsLive)
  const title = useAppSelector((state) => selectEntry(state, message.conv)?.facts.name)
  const { clientId, files, body } = message
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const [first] = files
  const name = files.length === 1 ? first!.name : plural(files.length - 1, '{name} and 1 more', '{name} and {n} more', { name: first!.name })
  const words = refusal
    ? refusalWords(refusal)
    : isLive
      ? t('{done} of {whole}. Sends when it is there.', { done: fileSize(sent), whole: fileSize(size) })
      : t('{done} of {whole}. Goes on when you’re back.', { done: fileSize(sent), whole: fileSize(size) })
  return (
    <li className={styles.bar} data-testid="upload-row" data-client-id={clientId} data-status={refusal ? 'failed' : 'uploading'}>
      <span className={styles.what}>
        <bdi className={styles.name}>{name}</bdi>
        {withTitle && title && <span>{t('In {title}', { title })}</span>}
        {body !== '' && <bdi className={styles.body}>{body}</bdi>}
        <span className={refusal ? styles.fault : styles.state}>{words}</span>
        {!refusal && <progress className={styles.progress} max={size} value={sent} aria-label={t('Upload of {name}', { name })} />}
      </span>
      {refusal && <Button onClick={() => dispatch(uploadRetryRequested({ clientId }))}>{t('Retry')}</Button>}
      <Button
        look="text"
        aria-label={t('Cancel {name}', { name })}
        onClick={() => {
          dispatch(uploadWithdrawn({ conv: message.conv, clientId, body }))
          announcer.say(body === '' ? t('It will not be sent') : t('It will not be sent. Its words are in the message box again.'))
          document.querySelector<HTMLElement>('[data-region="composer"]')?.focus()
        }}
      >
        {t('Cancel')}
      </Button>
    </li>
  )
}

function refusalWords(code: RefusalCode): string {
  if (code === 'E_TOO_BIG') return t('Not sent: this server does not take files as big as this. Send a smaller one, or a link to it.')
  if (code === 'E_FORBIDDEN')
    return t('Not sent: there is no room for more files of yours. Delete messages with files you no longer need, then retry.')
  if (code === 'E_NOT_FOUND') return t('Not sent: the file is no longer on this device. Cancel, and choose it again.')
  return t('Not sent: {why}', { why: t(sentenceFor(code)) })
}

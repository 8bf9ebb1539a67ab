import { fileDetached } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectAttached } from '#client/store/selectors/drafts.ts'
import { announcer } from '#client/ui/announcer.ts'
import { IconButton } from '#client/ui/Button.tsx'
import { fileSize } from '#client/ui/fileSize.ts'
import { useFileAddress, useFileSource } from '#client/ui/useFileAddress.ts'
import { Icon } from '#client/ui/Icon.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { t } from '#client/words/t.ts'
import type { FileFacts } from '#protocol/files.ts'
import { isPicture } from '#protocol/shownFiles.ts'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './AttachedFiles.module.css'

/** What goes with the message that is being written. */
export function AttachedFiles({ conv }: { conv: ConversationId }) {
  const files = useAppSelector((state) => selectAttached(state, conv))
  return (
    <ul className={styles.files} aria-label={t('Attached')}>
      {files.map((file) => (
        <Attached key={file.id} conv={conv} file={file} />
      ))}
    </ul>
  )
}

function Attached({ conv, file }: { conv: ConversationId; file: FileFacts }) {
  const dispatch = useAppDispatch()
  const address = useFileAddress(file.id, 0)
  const source = useFileSource()
  return (
    <li className={styles.file} data-testid="attached-file">
      {isPicture(file) && address ? <img src={address} alt="" /> : <Icon drawing={laterDrawings.file} size={20} />}
      <span className={styles.name}>
        <bdi>{file.name}</bdi>
        <span>{fileSize(file.size)}</span>
      </span>
      <IconButton
        icon={laterDrawings.close}
        label={t('Take away {name}', { name: file.name })}
        onClick={() => {
          dispatch(fileDetached({ conv, id: file.id }))
          void source().then(
            ({ letGo }) => letGo(file.id),
            () => {},
          )
          announcer.say(t('{name} taken away', { name: file.name }))
          document.querySelector<HTMLElement>('[data-region="composer"]')?.focus()
        }}
      />
    </li>
  )
}

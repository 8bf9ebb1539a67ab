import { useState } from 'react'
import { fileSize } from '#client/ui/fileSize.ts'
import { useFileAddress, useSaveFile } from '#client/ui/useFileAddress.ts'
import { Icon } from '#client/ui/Icon.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { t } from '#client/words/t.ts'
import type { FileFacts } from '#protocol/files.ts'
import { isPicture, isShown } from '#protocol/shownFiles.ts'
import styles from './MessageFiles.module.css'
import { PictureDialog } from './PictureDialog.tsx'

type MessageFilesProps = { id: string; files: readonly FileFacts[]; /** They are Tab stops. */ reachable: boolean }
type Picture = FileFacts & { width: number; height: number }

/** In pixels. */
const PICTURE_MAX = 320
/** The least, so that a finger finds it. */
const PICTURE_MIN = 56

/** The box a picture stands in, known before any of it is here. In pixels. */
function boxOf({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.min(1, PICTURE_MAX / width, PICTURE_MAX / height)
  return { width: Math.max(PICTURE_MIN, Math.round(width * scale)), height: Math.max(PICTURE_MIN, Math.round(height * scale)) }
}

/** What a message brings: pictures as they are, everything else by its name. Each stands in a box whose size is known beforehand. */
export function MessageFiles({ id, files, reachable }: MessageFilesProps) {
  const [shown, setShown] = useState<Picture | null>(null)
  return (
    <div id={id} className={styles.files}>
      {files.map((file) =>
        isPicture(file) ? (
          <PictureButton key={file.id} file={file} reachable={reachable} onShow={() => setShown(file)} />
        ) : (
          <FileCard key={file.id} file={file} reachable={reachable} />
        ),
      )}
      {shown && <PictureDialog pictures={files.filter(isPicture)} first={shown} onClose={() => setShown(null)} />}
    </div>
  )
}

function PictureButton({ file, reachable, onShow }: { file: Picture; reachable: boolean; onShow: () => void }) {
  const [attempt, setAttempt] = useState(0)
  const address = useFileAddress(file.id, attempt)
  const isMissing = address === null || attempt > 1
  const { width, height } = boxOf(file)
  return (
    <button
      type="button"
      className={styles.picture}
      style={{ inlineSize: width, aspectRatio: `${width} / ${height}` }}
      tabIndex={reachable ? 0 : -1}
      aria-label={isMissing ? t('Try again to show {name}', { name: file.name }) : t('Picture {name}', { name: file.name })}
      data-testid="message-picture"
      onClick={isMissing ? () => setAttempt(attempt === 1 ? 0 : 1) : onShow}
    >
      {isMissing ? (
        <span className={styles.missing}>{t('Not here just now. Try again.')}</span>
      ) : (
        // an address is good for a while only
        address !== undefined && <img key={attempt} src={address} alt="" decoding="async" onError={() => setAttempt(attempt + 1)} />
      )}
    </button>
  )
}

function FileCard({ file, reachable }: { file: FileFacts; reachable: boolean }) {
  const save = useSaveFile()
  const [attempt, setAttempt] = useState<number | null>(null)
  const isPlayed = isShown(file.type) && /^(video|audio)\//.test(file.type)
  return (
    <>
      <div className={styles.card} data-testid="message-file">
        <Icon drawing={laterDrawings.file} size={20} />
        <span className={styles.name}>
          <bdi>{file.name}</bdi>
          <span className={styles.size}>{fileSize(file.size)}</span>
        </span>
        {isPlayed && attempt === null && (
          <button type="button" className={styles.action} tabIndex={reachable ? 0 : -1} onClick={() => setAttempt(0)}>
            {t('Play')}
          </button>
        )}
        <button
          type="button"
          className={styles.action}
          tabIndex={reachable ? 0 : -1}
          aria-label={t('Save {name}', { name: file.name })}
          onClick={() => save(file)}
        >
          {t('Save')}
        </button>
      </div>
      {attempt !== null && <Player file={file} attempt={attempt} onLost={() => setAttempt(attempt + 1)} />}
    </>
  )
}

function Player({ file, attempt, onLost }: { file: FileFacts; attempt: number; onLost: () => void }) {
  const address = useFileAddress(file.id, attempt)
  if (address === undefined) return null
  if (address === null || attempt > 1) return <p className={styles.missing}>{t('It can’t be played just now. Save it, or try again later.')}</p>
  const Tag = file.type.startsWith('video/') ? 'video' : 'audio'
  return <Tag key={attempt} className={styles.player} src={address} controls autoPlay aria-label={file.name} onError={onLost} />
}

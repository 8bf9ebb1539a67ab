import { useState } from 'react'
import { Button } from '#client/ui/Button.tsx'
import { Dialog } from '#client/ui/Dialog.tsx'
import { fileSize } from '#client/ui/fileSize.ts'
import { useFileAddress, useSaveFile } from '#client/ui/useFileAddress.ts'
import { t } from '#client/words/t.ts'
import type { FileFacts } from '#protocol/files.ts'
import styles from './MessageFiles.module.css'

type Picture = FileFacts & { width: number; height: number }

/** One picture of a message as large as the page allows, and the way to the others; ← and → as well. */
export function PictureDialog({ pictures, first, onClose }: { pictures: Picture[]; first: Picture; onClose: () => void }) {
  const [at, setAt] = useState(pictures.findIndex(({ id }) => id === first.id))
  const picture = pictures[at] ?? first
  const address = useFileAddress(picture.id, 0)
  const save = useSaveFile()
  const go = (step: number) => setAt((at + step + pictures.length) % pictures.length)
  return (
    <Dialog title={picture.name} onClose={onClose} place="wide">
      <div
        className={styles.viewer}
        role="group"
        aria-label={t('Picture')}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
          // where one reads from the right, the next one is to the left
          if (step) go(getComputedStyle(event.currentTarget).direction === 'ltr' ? step : -step)
        }}
      >
        {address === null ? (
          <p>{t('This picture is not here just now. Try again later.')}</p>
        ) : (
          <img src={address} alt={picture.name} width={picture.width} height={picture.height} style={{ blockSize: 'auto' }} />
        )}
        <div className={styles.bar}>
          {pictures.length > 1 && <Button onClick={() => go(-1)}>{t('Previous')}</Button>}
          <span>
            {pictures.length > 1 && `${t('{n} of {all}', { n: at + 1, all: pictures.length })} · `}
            {picture.width} × {picture.height} · {fileSize(picture.size)}
          </span>
          {pictures.length > 1 && <Button onClick={() => go(1)}>{t('Next')}</Button>}
          <Button look="primary" data-autofocus onClick={() => save(picture)}>
            {t('Save')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

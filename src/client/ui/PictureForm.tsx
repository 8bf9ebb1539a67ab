import { useId, useRef, useState } from 'react'
import { t } from '#client/words/t.ts'
import type { PictureId } from '#protocol/ids.ts'
import { refusal, type Refusal, type Reply } from '#protocol/reply.ts'
import { Avatar } from './Avatar.tsx'
import { Button } from './Button.tsx'
import styles from './PictureForm.module.css'
import { refusalWords } from './refusalWords.ts'
import { squareJpeg } from './squareJpeg.ts'
import { useWish } from './useWish.ts'

export type PictureFormProps = {
  /** Whose it is. */
  of: { id: string; name: string; picture?: PictureId | undefined }
  kind: 'person' | 'group'
  /** Where it is shown. */
  words: string
  /** A JPEG as base64. */
  choose: (jpeg: string) => Promise<Reply>
  remove: () => Promise<Reply>
}

const unreadable = () => t('That file can’t be read as a picture. Choose another one, a JPEG or a PNG for instance.')
const wordsFor = (refused: Refusal) => (refused.code === 'E_INVALID' ? unreadable() : refusalWords(refused))

/** What stands beside a name: chosen from a file, another one, or none any more. */
export function PictureForm({ of, kind, words, choose, remove }: PictureFormProps) {
  const id = useId()
  const file = useRef<HTMLInputElement>(null)
  const choice = useRef<HTMLButtonElement>(null)
  const [done, setDone] = useState('')
  const wish = useWish(wordsFor)
  const ask = async (asked: () => Promise<Reply>, said: string) => {
    setDone('')
    if (await wish.ask(asked)) setDone(said)
  }
  const chooseFrom = (chosen: Blob) =>
    ask(async () => {
      const jpeg = await squareJpeg(chosen)
      return jpeg === null ? refusal('E_INVALID') : choose(jpeg)
    }, t('The picture was changed.'))
  const unavailable = wish.isAsking ? t('One change at a time') : undefined
  return (
    <div className={styles.picture}>
      <Avatar id={of.id} name={of.name} picture={of.picture} kind={kind} />
      <div className={styles.row}>
        <Button ref={choice} aria-describedby={id} aria-busy={wish.isAsking} unavailable={unavailable} onClick={() => file.current?.click()}>
          {of.picture ? t('Change picture') : t('Choose picture')}
        </Button>
        {of.picture && (
          <Button
            unavailable={unavailable}
            onClick={() => {
              // this button goes, and the focus would go with it
              choice.current?.focus()
              void ask(remove, t('The picture was removed.'))
            }}
          >
            {t('Remove picture')}
          </Button>
        )}
      </div>
      <input
        ref={file}
        type="file"
        accept="image/*"
        hidden
        onChange={({ target }) => {
          const [chosen] = target.files ?? []
          if (chosen) void chooseFrom(chosen)
          // the same file once more is a choice as well
          target.value = ''
        }}
      />
      <p id={id} className={styles.words}>
        {words}
      </p>
      <p role="status" className={styles.words}>
        {done}
      </p>
      {wish.fault && (
        <p role="alert" className={styles.fault}>
          {wish.fault}
        </p>
      )}
    </div>
  )
}

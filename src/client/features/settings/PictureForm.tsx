import { useId, useRef, useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { squareJpeg } from '#client/ui/squareJpeg.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import { MARKS_MAX_MEMBERS } from '#protocol/limits.ts'
import { refusal, type Refusal } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'
import styles from './SettingsForm.module.css'

export type PictureFormProps = { me: Me; api: Pick<Api, 'choosePicture' | 'removePicture'> }

const unreadable = () => t('That file can’t be read as a picture. Choose another one, a JPEG or a PNG for instance.')
const wordsFor = (refused: Refusal) => (refused.code === 'E_INVALID' ? unreadable() : refusalWords(refused))

/** What stands beside one's name. */
export function PictureForm({ me, api }: PictureFormProps) {
  const id = useId()
  const file = useRef<HTMLInputElement>(null)
  const choice = useRef<HTMLButtonElement>(null)
  const [done, setDone] = useState('')
  const wish = useWish(wordsFor)
  const ask = async (asked: () => ReturnType<Api['removePicture']>, words: string) => {
    setDone('')
    if (await wish.ask(asked)) setDone(words)
  }
  const choose = (chosen: Blob) =>
    ask(async () => {
      const jpeg = await squareJpeg(chosen)
      return jpeg === null ? refusal('E_INVALID') : api.choosePicture(jpeg)
    }, t('Your picture was changed.'))
  const unavailable = wish.isAsking ? t('One change at a time') : undefined
  return (
    <div className={styles.picture}>
      <Avatar id={me.id} name={me.name} picture={me.picture} />
      <div className={styles.row}>
        <Button ref={choice} aria-describedby={id} aria-busy={wish.isAsking} unavailable={unavailable} onClick={() => file.current?.click()}>
          {me.picture ? t('Change picture') : t('Choose picture')}
        </Button>
        {me.picture && (
          <Button
            unavailable={unavailable}
            onClick={() => {
              // this button goes, and the focus would go with it
              choice.current?.focus()
              void ask(api.removePicture, t('Your picture was removed.'))
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
          if (chosen) void choose(chosen)
          // the same file once more is a choice as well
          target.value = ''
        }}
      />
      <p id={id} className={styles.words}>
        {t('Its middle is shown beside your name in conversations of up to {n} people, and to whoever may find you.', { n: MARKS_MAX_MEMBERS })}
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

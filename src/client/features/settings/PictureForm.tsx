import { useRef, useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { squareJpeg } from '#client/ui/squareJpeg.ts'
import { useWish } from '#client/ui/useWish.ts'
import type { Me } from '#protocol/session.ts'
import styles from './SettingsForm.module.css'

export type PictureFormProps = { me: Me; api: Pick<Api, 'choosePicture' | 'removePicture'> }

/** What stands beside one's name. */
export function PictureForm({ me, api }: PictureFormProps) {
  const file = useRef<HTMLInputElement>(null)
  const [done, setDone] = useState('')
  const wish = useWish((refused) => `Not saved. ${refusalWords(refused)}`)
  const choose = async (chosen: Blob) => {
    setDone('')
    const jpeg = await squareJpeg(chosen)
    if (jpeg === null) return wish.refuse('This browser can’t read that file as a picture. Choose another one, a JPEG or a PNG for instance.')
    if (await wish.ask(() => api.choosePicture(jpeg))) setDone('Your picture was changed.')
  }
  const remove = async () => {
    setDone('')
    if (await wish.ask(api.removePicture)) setDone('Your picture was removed.')
  }
  return (
    <div className={styles.picture}>
      <Avatar id={me.id} name={me.name} picture={me.picture} />
      <div className={styles.row}>
        <Button aria-busy={wish.isAsking} onClick={() => file.current?.click()}>
          {me.picture ? 'Change picture' : 'Choose picture'}
        </Button>
        {me.picture && <Button onClick={() => void remove()}>Remove picture</Button>}
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
      {wish.fault ? (
        <p role="alert" className={styles.fault}>
          {wish.fault}
        </p>
      ) : (
        <p role="status" className={styles.words}>
          {done || 'The middle of it is shown beside your name to everybody you share a conversation with.'}
        </p>
      )}
    </div>
  )
}

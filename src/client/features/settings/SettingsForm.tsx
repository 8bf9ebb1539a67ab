import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { Choice } from '#client/ui/Choice.tsx'
import { Field } from '#client/ui/Field.tsx'
import { nameFault } from '#client/ui/nameFault.ts'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useWish } from '#client/ui/useWish.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import type { Me } from '#protocol/session.ts'
import type { Density, Theme } from './appearance.ts'
import { PictureForm, type PictureFormProps } from './PictureForm.tsx'
import styles from './SettingsForm.module.css'
import { useAppearance } from './useAppearance.ts'

type NameFormProps = { me: Me; renameMe: Api['renameMe'] }
type SettingsFormProps = PictureFormProps & { api: Pick<Api, 'renameMe'> }

/** How the page looks on this device, and how others see this person. */
export function SettingsForm({ me, api }: SettingsFormProps) {
  const [appearance, change] = useAppearance()
  return (
    <>
      <section aria-labelledby="settings-look">
        <h2 id="settings-look">Appearance</h2>
        <Choice<Theme>
          label="Theme"
          value={appearance.theme}
          onChange={(theme) => change({ theme })}
          options={[
            { value: 'system', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
        <Choice<Density>
          label="Density"
          value={appearance.density}
          onChange={(density) => change({ density })}
          options={[
            { value: 'comfortable', label: 'Comfortable' },
            { value: 'compact', label: 'Compact' },
          ]}
        />
      </section>
      <section aria-labelledby="settings-you">
        <h2 id="settings-you">You</h2>
        <PictureForm key={`picture ${me.id}`} me={me} api={api} />
        <NameForm key={`name ${me.id}`} me={me} renameMe={api.renameMe} />
      </section>
    </>
  )
}

function NameForm({ me, renameMe }: NameFormProps) {
  const [name, setName] = useState(me.name)
  const [isSaved, setSaved] = useState(false)
  const wish = useWish((refused) => `Not saved. ${refusalWords(refused)}`)
  const save = async () => {
    const wrong = nameFault(name)
    if (wrong) return wish.refuse(wrong)
    if (await wish.ask(() => renameMe(name.trim()))) setSaved(true)
  }
  return (
    <form
      className={styles.name}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Field
        label="Your name"
        value={name}
        maxLength={NAME_MAX_GRAPHEMES}
        autoComplete="nickname"
        required
        fault={wish.fault}
        onChange={(event) => {
          setName(event.target.value)
          setSaved(false)
          wish.forget()
        }}
      />
      <div className={styles.row}>
        <Button type="submit" unavailable={name.trim() === '' || name.trim() === me.name ? 'Type another name first' : undefined}>
          Save name
        </Button>
        <span role="status" className={styles.words}>
          {isSaved && 'Saved.'}
        </span>
      </div>
    </form>
  )
}

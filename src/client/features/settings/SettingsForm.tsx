import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { Choice } from '#client/ui/Choice.tsx'
import { Field } from '#client/ui/Field.tsx'
import { deviceSetting } from '#client/ui/deviceSetting.ts'
import { language, LANGUAGE_KEY, type Language } from '#client/ui/language.ts'
import { nameFault } from '#client/ui/nameFault.ts'
import { PictureForm } from '#client/ui/PictureForm.tsx'
import { stored } from '#client/ui/stored.ts'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import { MARKS_MAX_MEMBERS, NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import type { Me } from '#protocol/session.ts'
import type { Density, Theme } from '#client/ui/appearance.ts'
import styles from './SettingsForm.module.css'
import { useAppearance } from './useAppearance.ts'

/** What has been drawn already stays as it is: a page speaks one language. False where the next page could not know of it. */
function chooseLanguage(to: Language): boolean {
  deviceSetting(LANGUAGE_KEY).write(to)
  const isKept = stored(LANGUAGE_KEY) === to
  if (isKept) location.reload()
  return isKept
}

type NameFormProps = { me: Me; renameMe: Api['renameMe'] }
type SettingsFormProps = { me: Me; api: Pick<Api, 'renameMe' | 'choosePicture' | 'removePicture'> }

/** How the page looks on this device, and how others see this person. */
export function SettingsForm({ me, api }: SettingsFormProps) {
  const [appearance, change] = useAppearance()
  const [isStuck, setStuck] = useState(false)
  return (
    <>
      <section aria-labelledby="settings-look">
        <h2 id="settings-look">{t('Appearance')}</h2>
        <Choice<Theme>
          label={t('Theme')}
          value={appearance.theme}
          onChange={(theme) => change({ theme })}
          options={[
            { value: 'system', label: t('As the system') },
            { value: 'light', label: t('Light') },
            { value: 'dark', label: t('Dark') },
          ]}
        />
        <Choice<Density>
          label={t('Density')}
          value={appearance.density}
          onChange={(density) => change({ density })}
          options={[
            { value: 'comfortable', label: t('Comfortable') },
            { value: 'compact', label: t('Compact') },
          ]}
        />
        <Choice<Language>
          label={t('Language')}
          value={language()}
          onChange={(to) => setStuck(!chooseLanguage(to))}
          // by the names they have for themselves
          options={[
            { value: 'en', label: 'English' },
            { value: 'fa', label: 'فارسی' },
          ]}
        />
        <p className={styles.words}>{t('The page is loaded anew in that language; drafts stay.')}</p>
        {isStuck && <p role="alert">{t('This browser keeps no settings for the page, so it stays in the language that the browser asks for.')}</p>}
      </section>
      <section aria-labelledby="settings-you">
        <h2 id="settings-you">{t('You')}</h2>
        <PictureForm
          key={`picture ${me.id}`}
          of={me}
          kind="person"
          words={t('Its middle is shown beside your name in conversations of up to {n} people, and to whoever may find you.', {
            n: MARKS_MAX_MEMBERS,
          })}
          choose={api.choosePicture}
          remove={api.removePicture}
        />
        <NameForm key={`name ${me.id}`} me={me} renameMe={api.renameMe} />
      </section>
    </>
  )
}

function NameForm({ me, renameMe }: NameFormProps) {
  const [name, setName] = useState(me.name)
  const [isSaved, setSaved] = useState(false)
  const wish = useWish((refused) => t('Not saved. {why}', { why: refusalWords(refused) }))
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
        label={t('Your name')}
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
        <Button type="submit" unavailable={name.trim() === '' || name.trim() === me.name ? t('Type another name first') : undefined}>
          {t('Save name')}
        </Button>
        <span role="status" className={styles.words}>
          {isSaved && t('Saved.')}
        </span>
      </div>
    </form>
  )
}

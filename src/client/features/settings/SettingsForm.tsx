import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { Choice } from '#client/ui/Choice.tsx'
import { Field } from '#client/ui/Field.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import type { Me } from '#protocol/session.ts'
import type { Density, Theme } from './appearance.ts'
import styles from './SettingsForm.module.css'
import { useAppearance } from './useAppearance.ts'

type NameFormProps = { me: Me; renameMe: Api['renameMe'] }

/** How the page looks on this device, and what others call this person. */
export function SettingsForm({ me, renameMe }: NameFormProps) {
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
        <NameForm key={me.id} me={me} renameMe={renameMe} />
      </section>
    </>
  )
}

function NameForm({ me, renameMe }: NameFormProps) {
  const [name, setName] = useState(me.name)
  const [outcome, setOutcome] = useState<{ saved: boolean; words: string } | null>(null)
  return (
    <form
      className={styles.name}
      onSubmit={(event) => {
        event.preventDefault()
        void renameMe(name.trim()).then((reply) =>
          setOutcome(reply.ok ? { saved: true, words: 'Saved.' } : { saved: false, words: `Not saved. ${refusalWords(reply)}` }),
        )
      }}
    >
      <Field
        label="Your name"
        value={name}
        maxLength={NAME_MAX_GRAPHEMES}
        autoComplete="nickname"
        required
        fault={outcome && !outcome.saved ? outcome.words : undefined}
        onChange={(event) => {
          setName(event.target.value)
          setOutcome(null)
        }}
      />
      <div className={styles.row}>
        <Button type="submit" unavailable={name.trim() === '' || name.trim() === me.name ? 'Type another name first' : undefined}>
          Save name
        </Button>
        <span role="status" className={styles.words}>
          {outcome?.saved && outcome.words}
        </span>
      </div>
    </form>
  )
}

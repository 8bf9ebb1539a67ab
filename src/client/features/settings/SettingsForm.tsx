import { useState } from 'react'
import { Button } from '#client/ui/Button.tsx'
import { Choice } from '#client/ui/Choice.tsx'
import { Field } from '#client/ui/Field.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import type { Reply } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'
import type { Density, Theme } from './appearance.ts'
import styles from './SettingsForm.module.css'
import { useAppearance } from './useAppearance.ts'

type SettingsFormProps = { me: Me; renameMe: (name: string) => Promise<Reply>; onSignOut: () => void }

export function SettingsForm({ me, renameMe, onSignOut }: SettingsFormProps) {
  const [appearance, change] = useAppearance()
  return (
    <div className={styles.settings}>
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
        {me.isGuest && (
          <p className={styles.words}>You are here as a guest. This name and your conversations stay with this browser until you sign out.</p>
        )}
        <div>
          <Button look="danger" onClick={onSignOut}>
            Sign out
          </Button>
        </div>
      </section>
    </div>
  )
}

function NameForm({ me, renameMe }: Pick<SettingsFormProps, 'me' | 'renameMe'>) {
  const [name, setName] = useState(me.name)
  const [outcome, setOutcome] = useState<{ saved: boolean; words: string } | null>(null)
  return (
    <form
      className={styles.name}
      onSubmit={(event) => {
        event.preventDefault()
        void renameMe(name.trim()).then((reply) =>
          setOutcome(reply.ok ? { saved: true, words: 'Saved.' } : { saved: false, words: `Not saved. ${refusalWords(reply.code)}` }),
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

import { useState } from 'react'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { nameFault } from '#client/ui/nameFault.ts'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useWish } from '#client/ui/useWish.ts'
import type { Api } from '#client/live/client.ts'
import { t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import styles from './NewGroupDialog.module.css'

type NewGroupDialogProps = { createGroup: Api['createGroup']; onCreated: (conv: ConversationId) => void; onClose: () => void }

export function NewGroupDialog({ createGroup, onCreated, onClose }: NewGroupDialogProps) {
  const [name, setName] = useState('')
  const wish = useWish((refused) => t('The group was not created. {why}', { why: refusalWords(refused) }))
  const create = async () => {
    const wrong = name.trim() === '' ? t('Give the group a name first.') : nameFault(name)
    if (wrong) return wish.refuse(wrong)
    const made = await wish.ask(() => createGroup(name.trim(), []))
    if (made) onCreated(made.conversation.id)
  }
  return (
    <Dialog title={t('New group')} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <Field
          label={t('Group name')}
          value={name}
          maxLength={NAME_MAX_GRAPHEMES}
          autoComplete="off"
          autoFocus
          hint={t('You invite people with a link afterwards.')}
          fault={wish.fault}
          onChange={(event) => {
            setName(event.target.value)
            wish.forget()
          }}
        />
        <DialogActions>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button look="primary" type="submit" aria-busy={wish.isAsking}>
            {t('Create group')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
